"""Which instrument, site and period each record belongs to."""

from __future__ import annotations

import numpy as np
import pandas as pd

from attune_fit.training.crossfit.level_design import build_level_design

DAYS = np.array(["2025-01-10", "2025-02-01", "2025-08-01", "NaT"], dtype="datetime64[D]")


def test_the_reference_is_the_main_instrument_the_largest_site_and_the_latest_period() -> None:
    instrument, site = pd.Series(["SRS", "WAI-SR", "SRS", "SRS"]), pd.Series(["n", "s", "n", None], name="site")
    design = build_level_design(instrument, site, DAYS, main="WAI-SR")
    kinds = [name.split(" ")[0] for name in design.names]
    assert kinds == ["instrument", "site", "site", "period"]
    assert (design.names[0], design.names[-1], design.site_column) == ("instrument SRS", "period 2025-01", "site")
    np.testing.assert_array_equal(design.indicators[:, 0], [1, 0, 1, 1])
    np.testing.assert_array_equal(design.indicators[:, -1], [1, 1, 0, 0])  # an undated record is of the latest period
    unknown = design.names.index("site ")
    np.testing.assert_array_equal(design.indicators[:, unknown], [0, 0, 0, 1])


def test_records_that_are_alike_need_no_term() -> None:
    design = build_level_design(pd.Series(["SRS"] * 2), None, DAYS[:2], main="WAI-SR")
    assert design.names == ()
    assert design.indicators.shape == (2, 0)

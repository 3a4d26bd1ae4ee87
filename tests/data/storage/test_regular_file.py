"""What a path is that is no regular file."""

import os
import socket
from pathlib import Path

import pytest

from attune_fit.data.storage.regular_file import describe_irregular_file


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_each_kind_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    Path("table.csv").write_text("a")
    Path("link.csv").symlink_to("table.csv")
    Path("folder.csv").mkdir()
    os.mkfifo("pipe.csv")
    Path("lost.csv").symlink_to("gone.csv")
    Path("loop.csv").symlink_to("loop.csv")
    Path("device.csv").symlink_to(os.devnull)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket.csv")
    lost = "a link whose target does not exist"
    assert {path.stem: describe_irregular_file(path) for path in Path().iterdir()} == {
        "table": "", "link": "", "folder": "a folder", "pipe": "a pipe", "lost": lost, "loop": lost,
        "device": "a device", "socket": "a socket",
    }  # fmt: skip
    assert describe_irregular_file(Path("absent.csv")) == ""

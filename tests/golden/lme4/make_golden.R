# Make the golden numbers of the mixed models and variance shares with R's lme4, lmerTest and pbkrtest.
#
# From the root of the repository: Rscript tests/golden/lme4/make_golden.R
# It writes records.csv (synthetic) and golden.json. No test runs R.
suppressMessages({library(lme4); library(lmerTest); library(jsonlite)})

folder <- "tests/golden/lme4"
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9), calc.derivs = FALSE,
                       check.conv.singular = "ignore")

# Shares of the variances of random intercepts, with the profile of lme4's own REML deviance.
profile_shares <- function(formula, data) {
  fit <- lme4::lmer(formula, data, REML = TRUE, control = control)
  criterion <- lme4::lmer(formula, data, REML = TRUE, control = control, devFunOnly = TRUE)
  theta <- getME(fit, "theta")
  names(theta) <- sub("\\..*", "", names(theta))
  at <- theta^2 / (1 + sum(theta^2))
  shares <- c(at, Residual = 1 - sum(at))
  deviance_at <- function(shares) {  # of all terms; the residual has the rest
    rest <- 1 - sum(shares)
    if (any(shares < 0) || rest <= 1e-9) return(1e9)
    criterion(sqrt(shares / rest))
  }
  best <- REMLcrit(fit)
  others <- function(position, share) {  # smallest deviance with one share fixed
    k <- length(theta)
    if (names(shares)[position] == "Residual") {
      free <- function(w) { w <- c(w, 1 - sum(w)); if (any(w < 0)) 1e9 else criterion(sqrt(w * (1 - share) / share)) }
      if (k == 1) return(free(numeric(0)))
      if (k == 2) return(optimize(function(w) free(w), c(0, 1), tol = 1e-10)$objective)
      return(optim(rep(1 / k, k - 1), free, control = list(reltol = 1e-14, maxit = 5000))$value)
    }
    full <- function(w) { all <- numeric(k); all[position] <- share; all[-position] <- w * (1 - share); deviance_at(all) }
    if (k == 1) return(full(numeric(0)))
    if (k == 2) {
      ends <- c(optimize(full, c(0, .999), tol = 1e-10)$objective, full(0))
      return(min(ends))
    }
    starts <- list(at[-position] / (1 - at[position]) * .98 + .005, rep(.2, k - 1), rep(.02, k - 1))
    squared <- function(v) full(v^2)  # v^2 keeps each share at 0 or above
    min(sapply(starts, function(s) {
      one <- optim(sqrt(s), squared, control = list(reltol = 1e-14, maxit = 5000))
      optim(one$par, squared, control = list(reltol = 1e-14, maxit = 5000))$value
    }))
  }
  interval <- function(position) {
    rise <- function(share) others(position, share) - best - qchisq(.95, 1)
    share <- shares[position]
    low <- if (share < 1e-6 || rise(1e-7) < 0) 0 else uniroot(rise, c(1e-7, share), tol = 1e-8)$root
    high <- uniroot(rise, c(max(share, 1e-7), .99999), tol = 1e-8)$root
    c(low, high)
  }
  ends <- sapply(seq_along(shares), interval)
  list(shares = as.list(shares), low = as.list(setNames(ends[1, ], names(shares))),
       high = as.list(setNames(ends[2, ], names(shares))), criterion = best, n = nrow(data))
}

describe_fit <- function(fit) {
  summary <- coef(summary(fit))
  list(coefficients = unname(fixef(fit)), standard_errors = unname(summary[, "Std. Error"]),
       df = unname(summary[, "df"]), theta = unname(getME(fit, "theta")), sigma = sigma(fit),
       criterion = if (isREML(fit)) REMLcrit(fit) else unname(deviance(fit)))
}

# 1. The diary of real alliance ratings.
diary <- read.csv("examples/alliance_diary/wai_long.csv")
diary <- diary[!is.na(diary$wai), ]
diary$patient <- interaction(diary$therapist, diary$patient, drop = TRUE)
nested <- wai ~ 1 + (1 | patient) + (1 | therapist)
early <- diary[diary$t <= 2, ]
confint_sd <- function(data) {
  fit <- lme4::lmer(nested, data, control = control)
  out <- suppressMessages(confint(fit, oldNames = FALSE, quiet = TRUE))
  list(names = rownames(out), low = unname(out[, 1]), high = unname(out[, 2]))
}

# 2. Synthetic records: 15 therapists, 60 clients, all crossed in part, three ratings a pair.
set.seed(19)
pairs <- unique(data.frame(client = rep(1:60, each = 4), therapist = sample(1:15, 240, replace = TRUE)))
records <- pairs[rep(seq_len(nrow(pairs)), each = 3), ]
records$avoidance <- rnorm(60)[records$client]
records$warmth <- rnorm(15)[records$therapist]
pair <- as.integer(interaction(records$client, records$therapist, drop = TRUE))
records$pair <- pair
records$y <- round(60 + 6 * rnorm(60)[records$client] + 3 * rnorm(15)[records$therapist] +
  2 * rnorm(15)[records$therapist] * records$avoidance + 4 * rnorm(max(pair))[pair] +
  1.5 * records$avoidance * records$warmth + 8 * rnorm(nrow(records)), 6)
records$avoidance <- round(records$avoidance, 6); records$warmth <- round(records$warmth, 6)
write.csv(records, file.path(folder, "records.csv"), row.names = FALSE)
slope <- lmerTest::lmer(y ~ avoidance * warmth + (1 + avoidance | therapist), records, control = control)
crossed <- lmerTest::lmer(y ~ avoidance * warmth + (1 | client) + (1 | therapist), records, control = control)
apart <- lmerTest::lmer(y ~ avoidance * warmth + (1 | therapist) + (0 + avoidance | therapist), records, control = control)
likelihood <- lmerTest::lmer(y ~ avoidance * warmth + (1 + avoidance | therapist), records, control = control, REML = FALSE)
kenward <- coef(summary(slope, ddf = "Kenward-Roger"))[, "df"]

# 3. Few records without a therapist variance: the fit is singular.
few <- data.frame(therapist = rep(1:6, each = 5))
set.seed(4)
few$y <- round(rnorm(30), 6)
few$y <- round(few$y - ave(few$y, few$therapist) + rep(c(.1, -.1, .05, -.05, 0, 0), each = 5), 6)
few$x <- round(rnorm(30), 6)
singular <- lmerTest::lmer(y ~ x + (1 | therapist), few, control = control)

golden <- list(
  versions = list(R = as.character(getRversion()), lme4 = as.character(packageVersion("lme4")),
                  lmerTest = as.character(packageVersion("lmerTest")), pbkrtest = as.character(packageVersion("pbkrtest"))),
  diary = list(first_three = profile_shares(nested, early), all = profile_shares(nested, diary),
               first_three_sd = confint_sd(early), all_sd = confint_sd(diary)),
  slope = describe_fit(slope), slope_kenward_roger_df = unname(kenward), crossed = describe_fit(crossed),
  apart = describe_fit(apart), maximum_likelihood = describe_fit(likelihood),
  crossed_shares = profile_shares(y ~ 1 + (1 | pair) + (1 | client) + (1 | therapist), records),
  singular = c(describe_fit(singular), list(y = few$y, x = few$x, therapist = few$therapist))
)
write_json(golden, file.path(folder, "golden.json"), auto_unbox = TRUE, digits = 10, pretty = TRUE)

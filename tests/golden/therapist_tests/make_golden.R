# Make the golden numbers of the tests over therapists with R's metafor, clubSandwich and lmerTest.
#
# From the root of the repository: Rscript tests/golden/therapist_tests/make_golden.R
# It writes records.csv (synthetic) and golden.json. No test runs R.
suppressMessages({library(metafor); library(clubSandwich); library(lmerTest); library(jsonlite)})

folder <- "tests/golden/therapist_tests"
set.seed(1)
caseloads <- c(4, 5, 7, 9, 12, 15, 18, 22, 25, 30, 36, 44)
therapist <- rep(seq_along(caseloads), caseloads)
n <- length(therapist)
data <- data.frame(therapist = therapist, trait = round(rnorm(12), 3)[therapist], client = round(rnorm(n), 3),
                   covariate = round(rnorm(n), 3), years = round(runif(12, 1, 30))[therapist])
slope <- .35 * rnorm(12)[therapist]
data$y <- round(.4 * rnorm(12)[therapist] + slope * data$client + .3 * data$client * data$trait + .4 * data$covariate +
                  rnorm(n), 3)
data$value <- round(-abs(data$client - data$trait), 3)
data$level <- factor(data$therapist)
data$centered <- data$client - ave(data$client, data$therapist)
write.csv(data[c("therapist", "trait", "years", "client", "covariate", "value", "y")], file.path(folder, "records.csv"),
          row.names = FALSE, quote = FALSE)

first <- !duplicated(data$therapist)
traits <- data$trait[first]
years <- data$years[first]

describe_rma <- function(fit) {
  list(estimate = fit$beta[2], se = fit$se[2], df = fit$dfs[1], p = fit$pval[2], low = fit$ci.lb[2], high = fit$ci.ub[2],
       spread = sqrt(fit$tau2))
}
fit_rma <- function(estimate, variance, mods) {
  describe_rma(rma(estimate, variance, mods = mods, method = "PM", test = "knha", control = list(tol = 1e-12)))
}

slopes <- summary(lm(y ~ 0 + level + level:client, data))$coefficients[13:24, 1:2]
sigma <- summary(lm(y ~ 0 + level, data))$sigma
means <- as.vector(tapply(data$y, data$therapist, mean))

within <- lm(y ~ 0 + level + value, data)
cr2 <- coef_test(within, vcov = "CR2", cluster = data$therapist, test = "Satterthwaite")["value", ]
covaried <- lm(y ~ 0 + level + value + covariate, data)
cr2_covaried <- coef_test(covaried, vcov = "CR2", cluster = data$therapist, test = "Satterthwaite")["value", ]
describe_cr2 <- function(test) list(estimate = test$beta, se = test$SE, df = test$df_Satt, p = test$p_Satt)

mixed <- coef(summary(lmer(y ~ trait * centered + (1 + centered | therapist), data)))["trait:centered", ]

golden <- list(
  slope_interaction = fit_rma(slopes[, 1], slopes[, 2]^2, ~ traits),
  slope_interaction_years = fit_rma(slopes[, 1], slopes[, 2]^2, ~ traits + years),
  trait_effect = fit_rma(means, sigma^2 / caseloads, ~ traits),
  within_effect = describe_cr2(cr2),
  within_effect_covariate = describe_cr2(cr2_covaried),
  mixed_interaction = list(estimate = mixed[["Estimate"]], se = mixed[["Std. Error"]], df = mixed[["df"]],
                           p = mixed[["Pr(>|t|)"]]),
  versions = list(metafor = as.character(packageVersion("metafor")),
                  clubSandwich = as.character(packageVersion("clubSandwich")),
                  lmerTest = as.character(packageVersion("lmerTest")))
)
write(toJSON(golden, auto_unbox = TRUE, digits = 10, pretty = TRUE), file.path(folder, "golden.json"))

"""Errors and intervals in closed form, and least squares on sparse columns."""

import numpy as np
import polars as pl
import pytest

from wm_api.metrics.distributions import poisson, t_quantile, wilson
from wm_api.metrics.estimates import mean_of, share_error, standard_error_of_mean, standard_error_of_median
from wm_api.metrics.figures import published
from wm_api.metrics.formulas.retention import kaplan_meier
from wm_api.metrics.regression import Design, fit_first


@pytest.mark.parametrize(("count", "n", "interval"), [(3, 40, (2.6, 19.9)), (0, 12, (0.0, 24.3))])
def test_the_interval_of_a_share_is_wilson_s(count: int, n: int, interval: tuple[float, float]) -> None:
    assert tuple(round(end, 1) for end in wilson(count, n)) == interval


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 3.688879), (1, 0.025318, 5.571643), (10, 4.795389, 18.390356), (100, 81.363992, 121.626793)],
)
def test_the_interval_of_a_count_is_the_exact_one(count: int, low: float, high: float) -> None:
    assert poisson(count) == pytest.approx((low, high), abs=1e-6)


def test_quantiles_of_student_are_those_of_the_tables() -> None:
    assert t_quantile(0.975, 6) == pytest.approx(2.446911851)
    assert t_quantile(0.975, 10**6) == pytest.approx(1.959966, abs=1e-6)


def test_errors_are_those_of_the_page() -> None:
    values = pl.Series([1.0, 2.0, 3.0, 4.0, 10.0])
    assert mean_of(values) == 4.0
    assert standard_error_of_mean(values) == pytest.approx((50 / 4 / 5) ** 0.5)
    assert standard_error_of_median(values) == pytest.approx((10.0 - 1.0) / 3.92)  # j = max(1, floor(3 - 2.19)) = 1
    assert share_error(3, 40) == pytest.approx(100 * (5 / 44 * 39 / 44 / 44) ** 0.5)


def test_survival_is_the_product_limit_with_greenwood_s_error() -> None:
    times = pl.DataFrame(
        {"time": [10, 20, 20, 40, 90, 120, 300], "event": [True, False, True, False, True, True, False]}
    )
    survival, greenwood, reached = kaplan_meier(times)
    assert survival == pytest.approx(6 / 7 * 5 / 6 * 2 / 3)
    assert greenwood == pytest.approx(1 / (7 * 6) + 1 / (6 * 5) + 1 / (3 * 2))
    assert reached


def test_a_figure_is_rounded_half_up_once() -> None:
    assert [str(published(value, 1)) for value in (0.25, -0.25, 2.449999)] == ["0.3", "-0.3", "2.4"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sparse_least_squares_equals_dense_with_hc3_and_drops_what_adds_nothing(seed: int) -> None:
    draw = np.random.default_rng(seed)
    n, groups = 300, 5
    woman, group, tenure = draw.integers(0, 2, n), draw.integers(0, groups, n), draw.uniform(0, 30, n)
    y = 3 + 0.1 * group - 0.05 * woman + 0.01 * tenure + draw.normal(0, 0.2, n)
    dummies = np.column_stack([group == level for level in range(1, groups)]).astype(float)
    dense = np.column_stack([woman, np.ones(n), dummies, tenure, tenure**2])
    beta = np.linalg.lstsq(dense, y, rcond=None)[0]
    inverse = np.linalg.inv(dense.T @ dense)
    leverage = np.einsum("ij,jk,ik->i", dense, inverse, dense)
    meat = dense.T @ (dense * (((y - dense @ beta) / (1 - leverage)) ** 2)[:, None])
    columns = [np.zeros(n, int), np.ones(n, int), np.where(group > 0, 1 + group, 0), np.full(n, 6), np.full(n, 7)]
    values = [woman.astype(float), np.ones(n), (group > 0).astype(float), tenure, tenure**2]
    twin = [np.where(group > 0, 7 + group, 0)]  # the same groups again under another name
    for extra, width in (([], 8), (twin, 12)):
        design = Design(
            np.column_stack([*columns, *extra]), np.column_stack([*values, *([values[2]] if extra else [])]), width
        )
        fit = fit_first(design, y)
        assert fit is not None
        assert (fit.beta, fit.hc3) == pytest.approx((beta[0], (inverse @ meat @ inverse)[0, 0] ** 0.5), rel=1e-9)
        assert fit.degrees == n - dense.shape[1]

"""max |t|: published critical values, two methods that agree, p-values that match."""

import numpy as np
import pytest
from scipy import stats

from yololab.statistics.max_t import MaxT, _cdf_by_direction, _loadings, _spreads, correlation_of


def equal_correlation(size, rho=0.5):
    return np.full((size, size), rho) + (1 - rho) * np.eye(size)


@pytest.mark.parametrize(
    ("size", "df", "published"), [(1, 5, 2.57), (2, 5, 3.03), (4, 10, 2.89), (9, 20, 2.95), (3, 60, 2.41)]
)
def test_critical_values_are_those_of_dunnetts_table(size, df, published):
    """Dunnett, Biometrics 20, 1964, table II."""
    assert MaxT(equal_correlation(size), df).critical(0.95) == pytest.approx(published, abs=0.006)


@pytest.mark.parametrize(("size", "df"), [(2, 1.0), (4, 10.0), (11, 22.0)])
def test_quadrature_and_directions_agree(size, df):
    matrix = equal_correlation(size)
    limits = MaxT(matrix, df).critical(0.95) * np.array([1.0, 1.5])
    by_direction = _cdf_by_direction(_spreads(matrix.tobytes(), size), limits, df)
    assert by_direction == pytest.approx(1 - MaxT(matrix, df).p_values(limits), abs=2e-4)


def test_a_covariance_without_one_factor_is_integrated_by_direction():
    weights = np.array([[1.0, -1, 0, 0, 0], [0, 0, 1, -1, 0], [1, 1, -1, -1, 0], [1, -1, -1, 0, 1]])
    matrix = correlation_of(weights @ np.diag([1.0, 2, 3, 4, 1]) @ weights.T)
    assert _loadings(matrix.tobytes(), 4) is None
    reference = stats.multivariate_t(shape=matrix, df=7)
    limit = np.full(4, 2.5)
    expected = 1 - reference.cdf(limit, lower_limit=-limit, random_state=0, maxpts=200_000)
    assert MaxT(matrix, 7).p_values(limit[:1])[0] == pytest.approx(expected, abs=1e-3)


def test_contrasts_that_depend_on_one_another_are_no_obstacle():
    weights = np.array([[1.0, -1, 0], [0, 1, -1], [1, 0, -1]])  # all pairs of three rows: Tukey's case
    matrix = correlation_of(weights @ weights.T)
    tukey = stats.studentized_range(3, 10).ppf(0.95) / np.sqrt(2)
    assert MaxT(matrix, 10).critical(0.95) == pytest.approx(tukey, abs=2e-3)


@pytest.mark.parametrize("df", [1.0, 4.0, 30.0, 4999.0])
def test_p_at_the_critical_value_is_alpha(df):
    family = MaxT(equal_correlation(5), df)
    assert family.p_values(np.array([family.critical(0.95), np.nan]))[0] == pytest.approx(0.05, abs=1e-9)


def test_p_is_never_zero_nor_below_the_individual_p():
    statistics = np.array([0.0, 3.0, 50.0, 1e6])
    p_values = MaxT(equal_correlation(3), 8).p_values(statistics)
    individual = 2 * stats.t.sf(statistics, 8)
    assert (p_values >= individual).all()
    assert (p_values <= np.minimum(1, 3 * individual)).all()
    assert p_values.min() > 0

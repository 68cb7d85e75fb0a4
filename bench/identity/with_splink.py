"""Splink as its documentation sets it up, on our normal forms: what it learns is learnt from the data itself."""

import re
import warnings
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from bench.identity.forms import Form

LINE = 0.95
"""The probability at which its documentation joins."""

SEED = 1
SAMPLES = 1e6


class Splink:
    """A model that is trained once and may then be asked; imports what is slow to import only now.

    `settings` are those of a model that was trained on other forms.
    """

    def __init__(self, forms: Sequence[Form], settings: dict[str, Any] | None = None) -> None:
        import duckdb
        import pandas
        from splink import DuckDBAPI, Linker

        warnings.simplefilter("ignore")
        self._api = DuckDBAPI(duckdb.connect())
        held = [field.name for field in fields(Form) if any(getattr(one, field.name) for one in forms)]
        self._columns = ["unique_id", *(name for name in held if name not in ("unique_id", "source"))]
        table = pandas.DataFrame([asdict(one) for one in forms])[self._columns]
        self._linker = Linker(self._api.register(table), settings or self._settings(), log_level="ERROR")

    def train(self) -> None:
        """Estimate how often values agree by chance, then by expectation maximisation how often in one person."""
        from splink import block_on

        training = self._linker.training
        sure = [rule for rule in (["email"], ["phone", "family"], ["given", "family", "birth_date"]) if self._has(rule)]
        training.estimate_probability_two_random_records_match([block_on(*rule) for rule in sure], recall=0.6)
        training.estimate_u_using_random_sampling(max_pairs=SAMPLES, seed=SEED)
        for rule in (["given", "family"], ["email"], ["birth_date"]):
            if self._has(rule):
                training.estimate_parameters_using_expectation_maximisation(
                    block_on(*rule), record_sample_proportion=1.0
                )

    def labels(self) -> list[int]:
        """The cluster of each form, in their order."""
        pairs = self._linker.inference.predict(threshold_match_probability=0.01)
        clustering = self._linker.clustering
        clusters = clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_probability=LINE)
        found = clusters.as_pandas_dataframe().sort_values("unique_id")
        return list(found["cluster_id"])

    def of(self, forms: Sequence[Form]) -> list[int]:
        """The clusters of other forms, by what was learnt of these."""
        return Splink(forms, self._linker.misc.save_model_to_json()).labels()

    def _has(self, names: Sequence[str]) -> bool:
        """Whether the data holds all columns that these terms are made of."""
        return all(_COLUMN.sub(r"\1", name) in self._columns for name in names)

    def _settings(self) -> object:
        import splink.comparison_library as cl
        from splink import SettingsCreator, block_on

        comparisons = {
            "given": cl.NameComparison("given").configure(term_frequency_adjustments=True),
            "family": cl.NameComparison("family").configure(term_frequency_adjustments=True),
            "email": cl.EmailComparison("email").configure(term_frequency_adjustments=True),
            "phone": cl.DamerauLevenshteinAtThresholds("phone", 1).configure(term_frequency_adjustments=True),
            "company": cl.JaroWinklerAtThresholds("company", 0.9).configure(term_frequency_adjustments=True),
            "city": cl.JaroWinklerAtThresholds("city", 0.88).configure(term_frequency_adjustments=True),
            "street": cl.JaroWinklerAtThresholds("street", [0.92, 0.8]),
            "postal_code": cl.DamerauLevenshteinAtThresholds("postal_code", [1, 2]),
            "birth_date": cl.DamerauLevenshteinAtThresholds("birth_date", [1, 2]),
        }
        return SettingsCreator(
            link_type="dedupe_only",
            comparisons=[made for name, made in comparisons.items() if self._has([name])],
            blocking_rules_to_generate_predictions=[block_on(*rule) for rule in BLOCKS if self._has(rule)],
        )


_COLUMN = re.compile(r"substr\((\w+),.*\)")

BLOCKS = (
    ["email"],
    ["phone"],
    ["given", "family"],
    ["name"],
    ["family", "company"],
    ["family", "domain"],
    ["given", "domain"],
    ["given", "company"],
    ["family", "city"],
    ["birth_date"],
    ["given", "postal_code"],
    ["family", "postal_code"],
    ["street"],
    ["substr(given, 1, 3)", "substr(family, 1, 3)"],
    ["substr(given, 1, 1)", "postal_code"],
    ["substr(family, 1, 2)", "city"],
)
"""The pairs that are compared share one of these."""

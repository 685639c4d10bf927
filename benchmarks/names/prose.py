"""The words of the document: what was done, to what, and what the figures leave out."""

from typing import Final

HEAD: Final = """\
# Name matching, measured

Made by `python -m benchmarks.names` from `benchmarks/names/result.json`; not written by hand. `make bench-names` measures
everything anew. `python -m benchmarks.names quality --check` prints how the code as it is differs from this."""

PEERS: Final = """\
The whole list is scored (3,767 entries). The threshold is set on unrelated passengers so that 1 in 100, or in 1,000, raises
any alert; recall is the share of true passengers (`related` = 1) whose own entry is above it, with its 95 % bootstrap
interval. Scores that tie on the threshold alert in the proportion that the budget allows. Slow peers are measured with a
sample of the unrelated passengers.

- Recipes of rapidfuzz and jellyfish compare names folded as ours are. With date of birth and nationality they are a weighted
  sum; of five weights each the best is shown, chosen on these very passengers.
- nomenklatura's matchers compare each passenger with the 15 best entries by each of two recipes, and with the true one: this
  can only flatter them. They use their own features of date of birth and country."""

CULTURE: Final = """\
By the first country of the listed person. The gap that is judged is between groups of 100 passengers or more, `unknown` (no
country on the list) left out."""

CYRILLIC: Final = """\
Spelt as a passport's machine readable zone under ICAO 9303 spells the Cyrillic, at the threshold of 1 alert in 100. `un`:
original-script names of the UN list. `rewritten`: listed persons with a patronymic, put back into Cyrillic by attested native
spellings, else by inverting the romanisation rules; their date of birth is the listed one. `genuine`: real Cyrillic names
beside a Latin spelling from another source (Ukrainian and Russian forms differ at times: Mykola, Nikolai), added to the list
with drawn dates of birth."""

CALIBRATION: Final = """\
Pairs of a passenger and an entry by the probability that the product claims, with a prior of 100 listed travellers in a
million. Passengers are weighted to one listed in 10,000; `observed` and `expected` are persons among the unrelated ones and
the weighted true ones. `all` counts noms de guerre among the true passengers, `related` leaves them out."""

RECALL: Final = """\
Pairs that the index finds, of those that scoring a listed name with the query brings over the lowest floor of a shipped
policy. Names only. `share` of all names was scored for each query, drawn anew each time."""

SPEED: Final = """\
Invented persons, recombined from surnames, given names, dates of birth and countries of synthetic persons by a committed
seed; 5 % have no date of birth. Of 300 travellers 3 are listed, their names with noise; 97 % give date of birth and
nationality. cdist: rapidfuzz JaroWinkler.normalized_similarity of folded names, one worker, float32, in batches; at 5 M it is
measured with 30 travellers and scaled. `the whole match` has evidence and probability besides."""

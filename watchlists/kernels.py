"""All compiled code of the matcher, in one file: the index probes, the alignment of two names, the search.

One file because numba's cache does not notice edits in other files. Compiled code is kept under the state folder
(FOREPOST_STATE, else ./state) in a folder named by this source, the numba version and the processor; where that cannot be
written, each process compiles anew. Kernels release the GIL and never use fast-math, so that scores are the same on
every build of this source.

Letters: a folded token A-Z becomes sounds 0-30 by `normalise`: 0-25 letters, 26 SH, 27 CH, 28 KH, 29 ZH, 30 TS.
"""

# ruff: noqa: SIM109, SIM110, SIM114 (what numba compiles well is flat)
import hashlib
import importlib.metadata
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar, cast

import llvmlite.binding  # type: ignore[import-untyped]
import numba
import numpy as np
from numpy.typing import NDArray

MAX_TOKENS: Final = 12  # of one name; the rarest are kept
MAX_LETTERS: Final = 32  # of one token
UNLIKE: Final = 4.0  # allowed for a token that shares no key with its pair: index recall .997 on the real lists, .983 without
CUT_LETTERS: Final = 6  # of a token cut short that count at most
SOUNDS: Final = 31
ORDINARY, PARTICLE, INITIAL = 0, 1, 2
UNMATCHED, TOGETHER = -2, -3
NO_NAME: Final = -99.0  # log-odds of two names that share nothing that counts

_A, _C, _D, _E, _H, _I, _J, _L, _M, _O, _R, _S, _T, _U = 0, 2, 3, 4, 7, 8, 9, 11, 12, 14, 17, 18, 19, 20
_SH, _CH, _KH, _ZH, _TS = 26, 27, 28, 29, 30
_JOINS = 64  # joined pairs considered in one alignment


def _cache_folder() -> Path | None:
    state = Path(os.environ.get("FOREPOST_STATE") or "state").absolute()
    root = Path(os.environ.get("NUMBA_CACHE_DIR") or state / "kernels")
    build = hashlib.sha256()
    for part in (Path(__file__).read_bytes(), importlib.metadata.version("numba"), llvmlite.binding.get_host_cpu_name()):
        build.update(part if isinstance(part, bytes) else part.encode())
    folder = root / build.hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


_FOLDER = _cache_folder()
if _FOLDER is not None:
    numba.config.CACHE_DIR = str(_FOLDER)  # type: ignore[attr-defined]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _compiled(function: _Function) -> _Function:
    return cast(_Function, numba.njit(nogil=True, cache=_FOLDER is not None)(function))


class Tokens(NamedTuple):
    """A vocabulary: one entry per distinct token."""

    sounds: NDArray[np.uint8]  # of all tokens, end to end
    offsets: NDArray[np.int64]  # (n + 1)
    masks: NDArray[np.uint32]  # (n) bit s: sound s occurs
    identity: NDArray[np.uint64]  # (n) hash of the token as spelt
    rarity: NDArray[np.float32]  # (n) -ln of the share of travellers that have it
    kind: NDArray[np.uint8]  # (n) ORDINARY, PARTICLE, INITIAL


class Names(NamedTuple):
    """Names as tokens of a vocabulary, in the order of `identity` so that the order in which names stand is forgotten."""

    tokens: NDArray[np.uint32]  # of all names, end to end
    offsets: NDArray[np.int64]  # (n + 1)


class Index(NamedTuple):
    """What finds listed names: probe keys to tokens, tokens to names."""

    keys: NDArray[np.uint64]  # sorted
    key_tokens: NDArray[np.uint32]
    buckets: NDArray[np.int64]  # (2^k + 1) first key of each value of the k highest bits
    postings: NDArray[np.int64]  # (n + 1) first name of each token
    posting_names: NDArray[np.uint32]


class Weights(NamedTuple):
    """Constants of the alignment in nats; `watchlists.score.names` holds their values and how they were set."""

    substitution: NDArray[np.float32]  # (31, 31)
    insertion: NDArray[np.float32]  # (31)
    edit: float  # weight of the learned spelling costs
    least: float  # share of the rarity that another spelling must leave, or the tokens are not one
    short: float  # how much dearer an edit is in short tokens, per 1 / letters
    variant: float  # another spelling at all
    joined: float  # two tokens written as one
    initial: float  # an initial agrees
    article: float  # the article AL- written on one side only
    cut: float  # a token cut off at the end of a machine readable zone, per letter left
    unmatched: float  # a token that the other name lacks
    minor: float  # the share of it for particles, initials and what a truncated name lost
    conflict: float  # both names have tokens that the other lacks
    knee: float  # agreement up to here counts in full,
    slope: float  # what is above it in this part: tokens of one name go together


@_compiled
def normalise(letters: NDArray[np.uint8], offsets: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Sounds of tokens given as letters 0-25: what romanisations of one name most often write differently made equal.

    PH F, CK K, Q K, X KS, W V, Y I, TZ TS, OU U, EE I, IE I, UE U, OE O, AE E; C before E, I, Y is S, else K; TH, GH,
    DH, BH without H; a final H after a vowel and doubled letters fall away. The rules are chosen by hand from what common
    romanisation systems do differently.
    """
    out = np.empty(letters.size * 2, np.uint8)
    ends = np.zeros(offsets.size, np.int64)
    at = 0
    for token in range(offsets.size - 1):
        start, stop = offsets[token], offsets[token + 1]
        first = at
        i = start
        while i < stop and at - first < MAX_LETTERS:
            c = letters[i]
            n = letters[i + 1] if i + 1 < stop else 99
            n2 = letters[i + 2] if i + 2 < stop else 99
            n3 = letters[i + 3] if i + 3 < stop else 99
            step = 1
            code = c
            extra = 99
            if c == 18 and n == 2 and n2 == _H:  # SCH
                code, step = _SH, 3
            elif c == 18 and n == _H:
                if n2 == 2 and n3 == _H:  # SHCH
                    code, step = _SH, 4
                else:
                    code, step = _SH, 2
            elif c == 19 and n == 2 and n2 == _H:  # TCH
                code, step = _CH, 3
            elif c == _C and (n == _H or n == 25):  # CH, CZ
                code, step = _CH, 2
            elif c == 3 and n == 25 and n2 == _H:  # DZH
                code, step = _J, 3
            elif c == 3 and n == _J:  # DJ
                code, step = _J, 2
            elif c == 10 and n == _H:
                code, step = _KH, 2
            elif c == 25 and n == _H:
                code, step = _ZH, 2
            elif c == 19 and (n == 18 or n == 25):
                code, step = _TS, 2
            elif c == 15 and n == _H:
                code, step = 5, 2
            elif n == _H and (c == 19 or c == 6 or c == 3 or c == 1 or c == 17):  # TH GH DH BH RH
                code, step = c, 2
            elif c == _C and n == 10:
                code, step = 10, 2
            elif c == 16 and n == _U and (n2 == _E or n2 == _I):  # QUE, QUI
                code, step = 10, 2
            elif c == 16:
                code = 10
            elif c == _C:
                code = 18 if (n == _E or n == _I or n == 24) else 10
            elif c == 23:
                code, extra = 10, 18
            elif c == 22:
                code = 21
            elif c == 24:
                code = _I
            elif c == _O and (n == _U or n == _O):
                code, step = _U, 2
            elif c == _E and n == _E:
                code, step = _I, 2
            elif c == _I and n == _E:
                code, step = _I, 2
            elif c == _U and n == _E:
                code, step = _U, 2
            elif c == _O and n == _E:
                code, step = _O, 2
            elif c == _A and n == _E:
                code, step = _E, 2
            elif c == _H and n == 99 and at > first and _is_vowel(out[at - 1]):
                code = 99
            if code != 99 and (at == first or out[at - 1] != code):
                out[at] = code
                at += 1
            if extra != 99:
                out[at] = extra
                at += 1
            i += step
        ends[token + 1] = at
    return out[:at].copy(), ends


@_compiled
def _is_vowel(sound: int) -> bool:
    return sound == _A or sound == _E or sound == _I or sound == _O or sound == _U


@_compiled
def sound_masks(sounds: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Which sounds occur in each token, one bit each."""
    masks = np.zeros(offsets.size - 1, np.uint32)
    for token in range(masks.size):
        mask = np.uint32(0)
        for i in range(offsets[token], offsets[token + 1]):
            mask |= np.uint32(1) << np.uint32(sounds[i])
        masks[token] = mask
    return masks


@_compiled
def identities(letters: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint64]:
    """64-bit hash of each token as spelt."""
    out = np.empty(offsets.size - 1, np.uint64)
    for token in range(out.size):
        out[token] = _hash(letters, offsets[token], offsets[token + 1], -1, np.uint64(0))
    return out


@_compiled
def _hash(sounds: NDArray[np.uint8], start: int, stop: int, without: int, salt: np.uint64) -> np.uint64:
    """FNV-1a over the sounds but the one at `without`, mixed by the finisher of splitmix64."""
    value = np.uint64(14695981039346656037) ^ salt
    for i in range(start, stop):
        if i != without:
            value = (value ^ np.uint64(sounds[i] + np.uint64(1))) * np.uint64(1099511628211)
    return _mix(value)


@_compiled
def _mix(value: np.uint64) -> np.uint64:
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@_compiled
def _skeleton(sounds: NDArray[np.uint8], start: int, stop: int) -> tuple[np.uint64, int]:
    """Hash and number of the consonants other than H, doubled ones once: what romanisations keep."""
    value = np.uint64(0x9E3779B97F4A7C15)
    count = 0
    last = 99
    for i in range(start, stop):
        sound = sounds[i]
        if _is_vowel(sound) or sound == _H:
            continue
        if sound == _KH:  # KH, K and G; TS and Z; V and F; J and ZH stand for one sound across romanisations
            sound = 10
        elif sound == _ZH:
            sound = _J
        elif sound == _TS or sound == 25:
            sound = 18
        elif sound == 21:
            sound = 5
        if sound != last:
            value = (value ^ np.uint64(sound + 1)) * np.uint64(1099511628211)
            count += 1
        last = sound
    return _mix(value), count


@_compiled
def probe_keys(sounds: NDArray[np.uint8], start: int, stop: int, keys: NDArray[np.uint64]) -> int:
    """Keys under which a token is kept and looked for: itself, itself less one sound, its skeleton, itself less AL-.

    Two tokens one edit apart share a key (deletion neighbourhood). Returns how many of `keys` were filled.
    """
    length = stop - start
    plain = np.uint64(0)
    keys[0] = _hash(sounds, start, stop, -1, plain)
    count = 1
    if length >= 3:
        for i in range(start, stop):
            keys[count] = _hash(sounds, start, stop, i, plain)
            count += 1
    skeleton, consonants = _skeleton(sounds, start, stop)
    if consonants >= 3 or (consonants == 2 and length >= 3):
        keys[count] = skeleton
        count += 1
    if _has_article(sounds, start, stop):
        keys[count] = _hash(sounds, start + 2, stop, -1, plain)
        count += 1
        skeleton, consonants = _skeleton(sounds, start + 2, stop)
        if consonants >= 2:
            keys[count] = skeleton
            count += 1
    return count


@_compiled
def _has_article(sounds: NDArray[np.uint8], start: int, stop: int) -> bool:
    return stop - start >= 5 and (sounds[start] == _A or sounds[start] == _E) and sounds[start + 1] == _L


@_compiled
def all_keys(sounds: NDArray[np.uint8], offsets: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """Every probe key of every token with that token."""
    scratch = np.empty(MAX_LETTERS * 2 + 8, np.uint64)
    total = 0
    for token in range(offsets.size - 1):
        total += probe_keys(sounds, offsets[token], offsets[token + 1], scratch)
    keys = np.empty(total, np.uint64)
    tokens = np.empty(total, np.uint32)
    at = 0
    for token in range(offsets.size - 1):
        count = probe_keys(sounds, offsets[token], offsets[token + 1], scratch)
        for i in range(count):
            keys[at] = scratch[i]
            tokens[at] = token
            at += 1
    return keys, tokens


@_compiled
def _spelling(
    a: NDArray[np.uint8],
    a_start: int,
    a_stop: int,
    b: NDArray[np.uint8],
    b_start: int,
    b_stop: int,
    weights: Weights,
    rows: NDArray[np.float32],
) -> float:
    """Cost in nats of writing one token as the other: learned costs per sound, neighbours swapped at one insertion."""
    m, n = a_stop - a_start, b_stop - b_start
    rows[0, 0] = 0.0
    for j in range(n):
        rows[0, j + 1] = rows[0, j] + weights.insertion[b[b_start + j]]
    for i in range(m):
        now, before, earlier = (i + 1) % 3, i % 3, (i + 2) % 3
        x = a[a_start + i]
        rows[now, 0] = rows[before, 0] + weights.insertion[x]
        for j in range(n):
            y = b[b_start + j]
            best = rows[before, j] + weights.substitution[x, y]
            best = min(best, rows[before, j + 1] + weights.insertion[x], rows[now, j] + weights.insertion[y])
            if i > 0 and j > 0 and x == b[b_start + j - 1] and y == a[a_start + i - 1]:
                best = min(best, rows[earlier, j - 1] + weights.insertion[x])
            rows[now, j + 1] = best
    return float(rows[m % 3, n])


@_compiled
def token_gain(q: int, queries: Tokens, t: int, listed: Tokens, cut: bool, weights: Weights, rows: NDArray[np.float32]) -> float:
    """Log-odds that two tokens are one: rarity of the commoner less the cost of writing it so; NO_NAME if they are not."""
    base = min(queries.rarity[q], listed.rarity[t])
    if queries.identity[q] == listed.identity[t]:
        return float(base)
    q0, q1 = int(queries.offsets[q]), int(queries.offsets[q + 1])
    t0, t1 = int(listed.offsets[t]), int(listed.offsets[t + 1])
    m, n = q1 - q0, t1 - t0
    if m == 0 or n == 0:
        return NO_NAME
    if queries.kind[q] == INITIAL or listed.kind[t] == INITIAL:
        same = queries.sounds[q0] == listed.sounds[t0]
        return weights.initial if same and listed.kind[t] != PARTICLE and queries.kind[q] != PARTICLE else NO_NAME
    if queries.kind[q] != listed.kind[t]:  # a particle is no part of a name
        return NO_NAME
    best = NO_NAME
    if cut and 3 <= m < n:
        prefix = True
        for i in range(m - 1):  # the last sound may have lost half of its spelling
            prefix = prefix and queries.sounds[q0 + i] == listed.sounds[t0 + i]
        if prefix and queries.sounds[q1 - 1] == listed.sounds[t0 + m - 1]:
            best = min(float(listed.rarity[t]), weights.cut * min(m, CUT_LETTERS))
    if min(m, n) >= 2 and abs(m - n) <= 3 and _bits(queries.masks[q] ^ listed.masks[t]) <= 6:
        cost = _spelling(queries.sounds, q0, q1, listed.sounds, t0, t1, weights, rows)
        gain = base - weights.variant - weights.edit * cost * (1.0 + weights.short / max(m, n))
        best = max(best, gain if gain >= weights.least * base else NO_NAME)
    q_article = _has_article(queries.sounds, q0, q1)
    t_article = _has_article(listed.sounds, t0, t1)
    if q_article != t_article:
        if q_article:
            q0 += 2
        else:
            t0 += 2
        m, n = q1 - q0, t1 - t0
        if abs(m - n) <= 1:
            cost = _spelling(queries.sounds, q0, q1, listed.sounds, t0, t1, weights, rows)
            gain = base - weights.article - weights.edit * cost * (1.0 + weights.short / max(m, n))
            best = max(best, gain if gain >= weights.least * base else NO_NAME)
    return best if best > 0.0 else NO_NAME


@_compiled
def _bits(value: np.uint32) -> int:
    count = 0
    while value != 0:
        value &= value - np.uint32(1)
        count += 1
    return count


@_compiled
def _joined_gain(
    pair: Tokens, i: int, j: int, whole: Tokens, k: int, weights: Weights, rows: NDArray[np.float32], letters: NDArray[np.uint8]
) -> float:
    """Log-odds that token k is tokens i and j written as one word."""
    i0, i1 = int(pair.offsets[i]), int(pair.offsets[i + 1])
    j0, j1 = int(pair.offsets[j]), int(pair.offsets[j + 1])
    k0, k1 = int(whole.offsets[k]), int(whole.offsets[k + 1])
    m, n = (i1 - i0) + (j1 - j0), k1 - k0
    if i1 - i0 < 3 or j1 - j0 < 3 or abs(m - n) > 1 or m > MAX_LETTERS:
        return NO_NAME
    if _bits((pair.masks[i] | pair.masks[j]) ^ whole.masks[k]) > 2:
        return NO_NAME
    for x in range(i1 - i0):
        letters[x] = pair.sounds[i0 + x]
    for x in range(j1 - j0):
        letters[i1 - i0 + x] = pair.sounds[j0 + x]
    base = min(float(whole.rarity[k]), float(pair.rarity[i]) + float(pair.rarity[j]))
    cost = _spelling(letters, 0, m, whole.sounds, k0, k1, weights, rows)
    gain = base - weights.joined - weights.edit * cost * (1.0 + weights.short / max(m, n))
    return gain if gain > weights.least * base else NO_NAME


class Scratch(NamedTuple):
    """Working memory of one alignment, made once per search."""

    rows: NDArray[np.float32]
    letters: NDArray[np.uint8]
    gains: NDArray[np.float64]
    joins: NDArray[np.int64]  # (n, 3) side that is written apart (0: query), position of the whole, mask of the parts
    join_gains: NDArray[np.float64]


@_compiled
def scratch() -> Scratch:
    """Fresh working memory."""
    return Scratch(
        np.zeros((3, MAX_LETTERS * 2 + 2), np.float32),
        np.zeros(MAX_LETTERS * 2 + 2, np.uint8),
        np.zeros((MAX_TOKENS, MAX_TOKENS), np.float64),
        np.zeros((_JOINS, 3), np.int64),
        np.zeros(_JOINS, np.float64),
    )


@_compiled
def align(
    query: int,
    query_names: Names,
    queries: Tokens,
    cut: bool,
    name: int,
    listed_names: Names,
    listed: Tokens,
    weights: Weights,
    work: Scratch,
    parts: NDArray[np.int64],
    part_gains: NDArray[np.float64],
) -> tuple[float, int]:
    """Name log-odds of two names, and how many parts it is made of.

    Tokens are paired greedily by gain, each once; several may pair with one they are written as. `parts` (n, 2) holds for
    each pairing the masks of its query and listed tokens' positions, `part_gains` its addend; then, as rows of TOGETHER
    and UNMATCHED, the discount for tokens that go together and the price of tokens without a partner. Addends sum to the
    result. NO_NAME where nothing but initials and particles agrees.
    """
    q0, q1 = int(query_names.offsets[query]), int(query_names.offsets[query + 1])
    t0, t1 = int(listed_names.offsets[name]), int(listed_names.offsets[name + 1])
    m, n = q1 - q0, t1 - t0
    if m == 0 or n == 0:
        return NO_NAME, 0
    for i in range(m):
        for j in range(n):
            work.gains[i, j] = token_gain(
                query_names.tokens[q0 + i], queries, listed_names.tokens[t0 + j], listed, cut, weights, work.rows
            )
    joins = _joins(m, n, q0, t0, query_names, queries, listed_names, listed, weights, work)

    count = 0
    agreement = 0.0
    substance = False
    left_q, left_t = (1 << m) - 1, (1 << n) - 1
    while True:
        best = 0.0
        mask_q = mask_t = 0
        ordinary = False
        for i in range(m):
            if left_q & (1 << i):
                for j in range(n):
                    if left_t & (1 << j) and work.gains[i, j] > best:
                        best = work.gains[i, j]
                        mask_q, mask_t = 1 << i, 1 << j
                        kind_q, kind_t = queries.kind[query_names.tokens[q0 + i]], listed.kind[listed_names.tokens[t0 + j]]
                        ordinary = kind_q == ORDINARY and kind_t == ORDINARY
        for x in range(joins):
            whole, some = 1 << work.joins[x, 1], work.joins[x, 2]
            join_q, join_t = (some, whole) if work.joins[x, 0] == 0 else (whole, some)
            if left_q & join_q == join_q and left_t & join_t == join_t and work.join_gains[x] > best:
                best = work.join_gains[x]
                mask_q, mask_t = join_q, join_t
                ordinary = True
        if best <= 0.0:
            break
        agreement += best
        substance = substance or ordinary
        left_q &= ~mask_q
        left_t &= ~mask_t
        parts[count, 0], parts[count, 1] = mask_q, mask_t
        part_gains[count] = best
        count += 1
    if not substance:
        return NO_NAME, 0
    total = agreement
    if agreement > weights.knee:
        discount = (agreement - weights.knee) * (weights.slope - 1.0)
        parts[count, :] = TOGETHER
        part_gains[count] = discount
        count += 1
        total += discount
    price = _unmatched(left_q, left_t, m, n, q0, t0, query_names, queries, cut, listed_names, listed, weights)
    if price > 0.0:
        parts[count, :] = UNMATCHED
        part_gains[count] = -price
        count += 1
        total -= price
    return total, count


@_compiled
def _joins(
    m: int,
    n: int,
    q0: int,
    t0: int,
    query_names: Names,
    queries: Tokens,
    listed_names: Names,
    listed: Tokens,
    weights: Weights,
    work: Scratch,
) -> int:
    """Fill `work.joins` with tokens that may be several tokens of the other name written as one; returns their number."""
    count = 0
    for side in range(2):
        parts, wholes = (m, n) if side == 0 else (n, m)
        part_names, part_tokens, part0 = (query_names, queries, q0) if side == 0 else (listed_names, listed, t0)
        whole_names, whole_tokens, whole0 = (listed_names, listed, t0) if side == 0 else (query_names, queries, q0)
        for w in range(wholes):
            whole = whole_names.tokens[whole0 + w]
            length = whole_tokens.offsets[whole + 1] - whole_tokens.offsets[whole]
            settled = length < 5
            for x in range(parts):
                settled = settled or part_tokens.identity[part_names.tokens[part0 + x]] == whole_tokens.identity[whole]
            if settled or count == _JOINS:
                continue
            mask, gain = _segmented(whole, whole_tokens, parts, part0, part_names, part_tokens, weights)
            if gain > 0.0:
                work.joins[count, 0], work.joins[count, 1], work.joins[count, 2] = side, w, mask
                work.join_gains[count] = gain
                count += 1
                continue
            for i in range(parts):
                for j in range(parts):
                    if i == j or count == _JOINS:
                        continue
                    gain = _joined_gain(
                        part_tokens,
                        part_names.tokens[part0 + i],
                        part_names.tokens[part0 + j],
                        whole_tokens,
                        whole,
                        weights,
                        work.rows,
                        work.letters,
                    )
                    if gain > 0.0:
                        work.joins[count, 0], work.joins[count, 1], work.joins[count, 2] = side, w, (1 << i) | (1 << j)
                        work.join_gains[count] = gain
                        count += 1
    return count


@_compiled
def _segmented(
    whole: int, whole_tokens: Tokens, parts: int, part0: int, part_names: Names, part_tokens: Tokens, weights: Weights
) -> tuple[int, float]:
    """Mask of the parts that a token is written out of, end to end and with a title glued on, and the gain; 0 if it is not."""
    start, stop = whole_tokens.offsets[whole], whole_tokens.offsets[whole + 1]
    mask, taken = 0, 0
    gain = -weights.joined
    at = start
    while at < stop:
        best, best_length = -1, 1
        for x in range(parts):
            token = part_names.tokens[part0 + x]
            p0, p1 = part_tokens.offsets[token], part_tokens.offsets[token + 1]
            if mask & (1 << x) or p1 - p0 <= best_length or at + (p1 - p0) > stop:
                continue
            same = True
            for i in range(p1 - p0):
                same = same and whole_tokens.sounds[at + i] == part_tokens.sounds[p0 + i]
            if same:
                best, best_length = x, p1 - p0
        if best < 0:
            break
        mask |= 1 << best
        taken += 1
        gain += part_tokens.rarity[part_names.tokens[part0 + best]]
        at += best_length
    whole_made = at == stop and taken >= 2
    titled = taken >= 1 and at < stop and _is_title(whole_tokens.sounds, at, stop)
    return (mask, gain) if whole_made or titled else (0, 0.0)


@_compiled
def _is_title(sounds: NDArray[np.uint8], start: int, stop: int) -> bool:
    """MR, MS, DR, MRS, MIS(S) or MSTR, which reservation systems write onto the given name."""
    length = stop - start
    first, second = sounds[start], sounds[start + 1] if length > 1 else 99
    if length == 2:
        return (first == _M and (second == _R or second == _S)) or (first == _D and second == _R)
    if length == 3:
        return first == _M and (second == _R or second == _I) and sounds[start + 2] == _S
    return length == 4 and first == _M and second == _S and sounds[start + 2] == _T and sounds[start + 3] == _R


@_compiled
def _unmatched(
    free_q: int,
    free_t: int,
    m: int,
    n: int,
    q0: int,
    t0: int,
    query_names: Names,
    queries: Tokens,
    cut: bool,
    listed_names: Names,
    listed: Tokens,
    weights: Weights,
) -> float:
    """The price of the tokens that found no partner."""
    price = 0.0
    left_q = left_t = 0
    for i in range(m):
        if free_q & (1 << i):
            if queries.kind[query_names.tokens[q0 + i]] == ORDINARY:
                price += weights.unmatched
                left_q += 1
            else:
                price += weights.unmatched * weights.minor
    for j in range(n):
        if free_t & (1 << j):
            if listed.kind[listed_names.tokens[t0 + j]] == ORDINARY and not cut:
                price += weights.unmatched
                left_t += 1
            else:
                price += weights.unmatched * weights.minor
    return price + weights.conflict * min(left_q, left_t)


@_compiled
def find(index: Index, key: np.uint64) -> tuple[int, int]:
    """First and last+1 position of a key among the index's keys."""
    shift = np.uint64(64 - _log2(index.buckets.size - 1))
    bucket = int(key >> shift)
    low, high = int(index.buckets[bucket]), int(index.buckets[bucket + 1])
    while low < high and index.keys[low] < key:
        low += 1
    stop = low
    while stop < high and index.keys[stop] == key:
        stop += 1
    return low, stop


@_compiled
def _log2(value: int) -> int:
    bits = 0
    while value > 1:
        value >>= 1
        bits += 1
    return bits


@_compiled
def neighbours(
    queries: Tokens, listed: Tokens, index: Index, weights: Weights
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float32]]:
    """Listed tokens like each query token, best first: offsets (n + 1), tokens, gains. Particles and initials have none."""
    work = scratch()
    size = 1024
    tokens = np.empty(size, np.uint32)
    gains = np.empty(size, np.float32)
    offsets = np.zeros(queries.rarity.size + 1, np.int64)
    keys = np.empty(MAX_LETTERS * 2 + 8, np.uint64)
    seen = np.full(listed.rarity.size, -1, np.int32)
    at = 0
    for q in range(queries.rarity.size):
        first = at
        if queries.kind[q] == ORDINARY:
            count = probe_keys(queries.sounds, queries.offsets[q], queries.offsets[q + 1], keys)
            for k in range(count):
                low, high = find(index, keys[k])
                for position in range(low, high):
                    t = index.key_tokens[position]
                    if seen[t] == q:
                        continue
                    seen[t] = q
                    gain = token_gain(q, queries, t, listed, False, weights, work.rows)
                    if gain <= 0.0 or listed.kind[t] != ORDINARY:
                        continue
                    if at == size:
                        size *= 2
                        tokens, gains = _grown(tokens, size), _grown_f(gains, size)
                    tokens[at] = t
                    gains[at] = gain
                    at += 1
            order = np.argsort(-gains[first:at], kind="mergesort")
            tokens[first:at] = tokens[first:at][order]
            gains[first:at] = gains[first:at][order]
        offsets[q + 1] = at
    return offsets, tokens[:at].copy(), gains[:at].copy()


@_compiled
def _grown(values: NDArray[np.uint32], size: int) -> NDArray[np.uint32]:
    larger = np.empty(size, np.uint32)
    larger[: values.size] = values
    return larger


@_compiled
def _grown_f(values: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    larger = np.empty(size, np.float32)
    larger[: values.size] = values
    return larger


class Births(NamedTuple):
    """Dates of birth of lookouts: rows of first year, last year, month, day (0: unknown)."""

    values: NDArray[np.int16]  # (n, 4)
    offsets: NDArray[np.int64]  # (entries + 1)


class BirthWeights(NamedTuple):
    """Log-odds of each level of agreement; `watchlists.score.BIRTHS` holds the values."""

    equal: float
    new_year: float  # equal, but the first of January or July, which stands for "unknown" in many registers
    swapped: float  # day and month exchanged
    digit: float  # one digit of the date differs
    month: float  # year and month agree, no day known on one side
    year: float  # year agrees, no more known on one side
    same_year: float  # year agrees, month or day do not
    near_year: float  # day and month agree, years one apart
    disjoint: float


DATE_EQUAL, DATE_SWAPPED, DATE_DIGIT, DATE_MONTH, DATE_YEAR, DATE_SAME_YEAR, DATE_NEAR_YEAR, DATE_DISJOINT, DATE_UNKNOWN = range(
    9
)


@_compiled
def _birth_level(a: NDArray[np.int16], b: NDArray[np.int16], weights: BirthWeights) -> tuple[float, int]:
    """Log-odds and level of two births."""
    exact = a[0] == a[1] and b[0] == b[1]
    if exact and a[3] > 0 and b[3] > 0:
        if a[0] == b[0]:
            if a[2] == b[2] and a[3] == b[3]:
                unknown = a[3] == 1 and (a[2] == 1 or a[2] == 7)
                return (weights.new_year if unknown else weights.equal), DATE_EQUAL
            if a[2] == b[3] and a[3] == b[2]:
                return weights.swapped, DATE_SWAPPED
        if _digits_apart(a, b) == 1:
            return weights.digit, DATE_DIGIT
        if a[2] == b[2] and a[3] == b[3] and abs(a[0] - b[0]) == 1:
            return weights.near_year, DATE_NEAR_YEAR
        if a[0] == b[0]:
            return weights.same_year, DATE_SAME_YEAR
        return weights.disjoint, DATE_DISJOINT
    if a[0] > b[1] or b[0] > a[1]:
        return weights.disjoint, DATE_DISJOINT
    if exact and a[2] > 0 and b[2] > 0:
        return (weights.month, DATE_MONTH) if a[2] == b[2] else (weights.same_year, DATE_SAME_YEAR)
    span = max(a[1] - a[0], b[1] - b[0]) + 1
    return weights.year - np.log(float(span)), DATE_YEAR


@_compiled
def _digits_apart(a: NDArray[np.int16], b: NDArray[np.int16]) -> int:
    apart = 0
    for part in range(4):
        if part == 1:
            continue
        x, y = int(a[part]), int(b[part])
        while x > 0 or y > 0:
            if x % 10 != y % 10:
                apart += 1
            x //= 10
            y //= 10
    return apart


@_compiled
def _best_birth(own: NDArray[np.int16], listed: Births, entry: int, weights: BirthWeights) -> tuple[float, int, int]:
    """Log-odds, level and row of the listed birth that agrees best; 0, DATE_UNKNOWN and -1 where one side has none."""
    low, high = listed.offsets[entry], listed.offsets[entry + 1]
    if own[0] == 0 or low == high:
        return 0.0, DATE_UNKNOWN, -1
    best, best_level, best_row = -1e9, DATE_UNKNOWN, -1
    for row in range(low, high):
        value, level = _birth_level(own, listed.values[row], weights)
        if value > best:
            best = value
            best_level = level
            best_row = row
    if best > 0.0:
        best = max(0.0, best - np.log(float(high - low)))
    return best, best_level, best_row


class Needs(NamedTuple):
    """What a match must reach: of each query its name's log-odds, and all evidence together."""

    name: NDArray[np.float64]  # (n)
    total: float
    births: NDArray[np.int16]  # (n, 4) as Births.values, first year 0 where unknown
    other: NDArray[np.float64]  # (n) the most that evidence other than name and date of birth could add


@_compiled
def search(
    query_names: Names,
    queries: Tokens,
    cut: NDArray[np.bool_],
    needs: Needs,
    listed_names: Names,
    listed: Tokens,
    index: Index,
    weights: Weights,
    name_entries: NDArray[np.uint32],
    births: Births,
    birth_weights: BirthWeights,
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float64]]:
    """Every (query, listed name, name log-odds) that `needs` asks for and that shares a token of substance.

    Names are reached over the postings of like tokens, rarest first. A posting adds no name once those first met in it
    could not reach the query's floor by all gains still to come; a name is aligned, exactly, only where the gains of its
    like tokens and what its date of birth says could reach what is needed.
    """
    near_offsets, near_tokens, near_gains = neighbours(queries, listed, index, weights)
    work = scratch()
    parts = np.empty((2 * MAX_TOKENS, 2), np.int64)
    part_gains = np.empty(2 * MAX_TOKENS, np.float64)
    size = 1024
    found_q = np.empty(size, np.uint32)
    found_n = np.empty(size, np.uint32)
    found_s = np.empty(size, np.float64)
    probes = np.empty(1024, np.uint32)
    probe_gains = np.empty(1024, np.float64)
    pair = np.empty(MAX_LETTERS * 2 + 2, np.uint8)
    names = listed_names.offsets.size - 1
    bound = np.zeros(names, np.float32)  # gains of like tokens so far, of the names touched by this query
    step_of = np.full(names, -1, np.int64)  # the last (query, token) that touched the name
    touched = np.empty(names, np.uint32)
    at = 0
    for query in range(query_names.offsets.size - 1):
        q0, q1 = query_names.offsets[query], query_names.offsets[query + 1]
        m = q1 - q0
        floor = needs.name[query]
        best = np.zeros(m, np.float64)
        # What no posting shows: initials, particles, a token cut short or written too differently to share a key.
        hidden = weights.cut * CUT_LETTERS if cut[query] else 0.0
        if m > 1:
            hidden += UNLIKE
        for i in range(m):
            q = query_names.tokens[q0 + i]
            if near_offsets[q] < near_offsets[q + 1]:
                best[i] = near_gains[near_offsets[q]]
            elif queries.kind[q] != ORDINARY:
                hidden += weights.initial
        joined = _joined_probes(query, query_names, queries, listed, index, weights, work, pair, probes, probe_gains)
        for x in range(joined):
            hidden = max(hidden, probe_gains[x])
        order = np.argsort(-best, kind="mergesort")
        rest = best.sum()
        count = 0
        first_step = query * (MAX_TOKENS + 1)
        for step in range(m):
            q = query_names.tokens[q0 + order[step]]
            rest -= best[order[step]]
            mark = first_step + step
            for position in range(near_offsets[q], near_offsets[q + 1]):
                t, gain = near_tokens[position], near_gains[position]
                fresh = gain + rest + hidden >= floor
                for posting in range(index.postings[t], index.postings[t + 1]):
                    name = index.posting_names[posting]
                    if step_of[name] < first_step:
                        if fresh:
                            step_of[name], bound[name] = mark, gain
                            touched[count] = name
                            count += 1
                    elif step_of[name] < mark:  # the best of this token's neighbours comes first
                        step_of[name] = mark
                        bound[name] += gain
        for x in range(joined):
            for posting in range(index.postings[probes[x]], index.postings[probes[x] + 1]):
                name = index.posting_names[posting]
                if step_of[name] < first_step:
                    step_of[name], bound[name] = first_step, 0.0
                    touched[count] = name
                    count += 1
        for position in range(count):
            name = touched[position]
            most = bound[name] + hidden
            if most < floor:
                continue
            entry = name_entries[name]
            born, _, _ = _best_birth(needs.births[query], births, entry, birth_weights)
            need = max(floor, needs.total - born - needs.other[query])
            if most < need:
                continue
            score, _ = align(
                query, query_names, queries, cut[query], name, listed_names, listed, weights, work, parts, part_gains
            )
            if score < need:
                continue
            if at == size:
                size *= 2
                found_q, found_n = _grown(found_q, size), _grown(found_n, size)
                larger = np.empty(size, np.float64)
                larger[:at] = found_s
                found_s = larger
            found_q[at], found_n[at], found_s[at] = query, name, score
            at += 1
    return found_q[:at].copy(), found_n[:at].copy(), found_s[:at].copy()


@_compiled
def _joined_probes(
    query: int,
    query_names: Names,
    queries: Tokens,
    listed: Tokens,
    index: Index,
    weights: Weights,
    work: Scratch,
    pair: NDArray[np.uint8],
    probes: NDArray[np.uint32],
    gains: NDArray[np.float64],
) -> int:
    """Listed tokens that two query tokens make when written as one, and those that one query token splits into."""
    q0, q1 = int(query_names.offsets[query]), int(query_names.offsets[query + 1])
    count = 0
    plain = np.uint64(0)
    for i in range(q0, q1):
        a = query_names.tokens[i]
        a0, a1 = int(queries.offsets[a]), int(queries.offsets[a + 1])
        for j in range(q0, q1):
            b = query_names.tokens[j]
            b0, b1 = int(queries.offsets[b]), int(queries.offsets[b + 1])
            size = a1 - a0 + b1 - b0
            if i == j or a1 - a0 < 2 or b1 - b0 < 2 or size > MAX_LETTERS:
                continue
            pair[: a1 - a0] = queries.sounds[a0:a1]
            pair[a1 - a0 : size] = queries.sounds[b0:b1]
            low, high = find(index, _hash(pair, 0, size, -1, plain))
            for position in range(low, high):
                t = index.key_tokens[position]
                gain = float(queries.rarity[a]) + float(queries.rarity[b])
                if count < probes.size:
                    probes[count], gains[count] = t, gain
                    count += 1
        # A long word may be several listed tokens: the first of them leads to the name, what follows is aligned there.
        for split in range(a0 + 3, a1 - 1):
            if a1 - a0 < 6:
                break
            low, high = find(index, _hash(queries.sounds, a0, split, -1, plain))
            for position in range(low, high):
                t = index.key_tokens[position]
                if _same_sounds(queries.sounds, a0, split, listed, t) and count < probes.size:
                    probes[count], gains[count] = t, float(listed.rarity[t]) + weights.knee
                    count += 1
    return count


@_compiled
def _same_sounds(sounds: NDArray[np.uint8], start: int, stop: int, listed: Tokens, token: int) -> bool:
    first, last = int(listed.offsets[token]), int(listed.offsets[token + 1])
    if stop - start != last - first:
        return False
    for i in range(stop - start):
        if sounds[start + i] != listed.sounds[first + i]:
            return False
    return True


@_compiled
def score_pairs(
    left: NDArray[np.uint32],
    left_names: Names,
    left_tokens: Tokens,
    cut: NDArray[np.bool_],
    right: NDArray[np.uint32],
    right_names: Names,
    right_tokens: Tokens,
    weights: Weights,
) -> NDArray[np.float64]:
    """Name log-odds of each pair (left[i], right[i]) by `align`."""
    work = scratch()
    parts = np.empty((2 * MAX_TOKENS, 2), np.int64)
    gains = np.empty(2 * MAX_TOKENS, np.float64)
    out = np.empty(left.size, np.float64)
    for i in range(left.size):
        out[i], _ = align(
            left[i], left_names, left_tokens, cut[left[i]], right[i], right_names, right_tokens, weights, work, parts, gains
        )
    return out


@_compiled
def explain_pairs(
    left: NDArray[np.uint32],
    left_names: Names,
    left_tokens: Tokens,
    cut: NDArray[np.bool_],
    right: NDArray[np.uint32],
    right_names: Names,
    right_tokens: Tokens,
    weights: Weights,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """The parts of each pair's alignment: offsets (pairs + 1), parts (n, 2), addends (n), as `align` gives them."""
    work = scratch()
    offsets = np.zeros(left.size + 1, np.int64)
    parts = np.empty((left.size * 2 * MAX_TOKENS + 2 * MAX_TOKENS, 2), np.int64)
    gains = np.empty(parts.shape[0], np.float64)
    at = 0
    for i in range(left.size):
        _, count = align(
            left[i],
            left_names,
            left_tokens,
            cut[left[i]],
            right[i],
            right_names,
            right_tokens,
            weights,
            work,
            parts[at:],
            gains[at:],
        )
        at += count
        offsets[i + 1] = at
    return offsets, parts[:at].copy(), gains[:at].copy()


@_compiled
def birth_evidence(
    query: NDArray[np.uint32], entry: NDArray[np.uint32], queries: NDArray[np.int16], listed: Births, weights: BirthWeights
) -> tuple[NDArray[np.float64], NDArray[np.uint8], NDArray[np.int64]]:
    """Per pair: log-odds, level and row of `listed` of the listed birth that agrees best; 0 and -1 where one side has none.

    A lookout with k dates gives a stranger k chances to agree: ln k is taken off what agrees, never below 0.
    `queries` (n, 4) are births of the travellers, first year 0 where unknown.
    """
    odds = np.zeros(query.size, np.float64)
    levels = np.full(query.size, DATE_UNKNOWN, np.uint8)
    rows = np.full(query.size, -1, np.int64)
    for i in range(query.size):
        odds[i], levels[i], rows[i] = _best_birth(queries[query[i]], listed, entry[i], weights)
    return odds, levels, rows


@_compiled
def country_evidence(
    query: NDArray[np.uint32],
    entry: NDArray[np.uint32],
    queries: NDArray[np.uint16],
    countries: NDArray[np.uint16],
    offsets: NDArray[np.int64],
    agree: float,
    differ: float,
) -> NDArray[np.float64]:
    """Per pair: log-odds of the traveller's country (0: unknown) among the lookout's; 0 where one side has none."""
    odds = np.zeros(query.size, np.float64)
    for i in range(query.size):
        low, high = int(offsets[entry[i]]), int(offsets[entry[i] + 1])
        own = queries[query[i]]
        if own == 0 or low == high:
            continue
        odds[i] = differ
        for row in range(low, high):
            if countries[row] == own:
                odds[i] = agree
    return odds

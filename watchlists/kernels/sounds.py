"""Sounds of tokens, their hashes and the keys under which like tokens meet."""

import numpy as np
from numpy.typing import NDArray

from watchlists.kernels.compiled import compiled
from watchlists.kernels.types import MAX_LETTERS

_A, _C, _D, _E, _H, _I, _J, _L, _M, _O, _R, _S, _T, _U = 0, 2, 3, 4, 7, 8, 9, 11, 12, 14, 17, 18, 19, 20
_SH, _CH, _KH, _ZH, _TS = 26, 27, 28, 29, 30
_NONE = 99  # no sound
_BARE = 0x9E3779B97F4A7C15  # sets hashes of skeletons apart from those of sounds


@compiled
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
            elif (c == _C and n == 10) or (c == 16 and n == _U and (n2 == _E or n2 == _I)):
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
            elif (c == _E and n == _E) or (c == _I and n == _E):
                code, step = _I, 2
            elif c == _U and n == _E:
                code, step = _U, 2
            elif c == _O and n == _E:
                code, step = _O, 2
            elif c == _A and n == _E:
                code, step = _E, 2
            elif c == _H and n == 99 and at > first and is_vowel(out[at - 1]):
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


@compiled
def is_vowel(sound: int) -> bool:
    return sound == _A or sound == _E or sound == _I or sound == _O or sound == _U


@compiled
def sound_masks(sounds: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Which sounds occur in each token, one bit each."""
    masks = np.zeros(offsets.size - 1, np.uint32)
    for token in range(masks.size):
        mask = np.uint32(0)
        for i in range(offsets[token], offsets[token + 1]):
            mask |= np.uint32(1) << np.uint32(sounds[i])
        masks[token] = mask
    return masks


@compiled
def identities(letters: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint64]:
    """64-bit hash of each token as spelt."""
    out = np.empty(offsets.size - 1, np.uint64)
    for token in range(out.size):
        out[token] = hash_sounds(letters, offsets[token], offsets[token + 1], -1, np.uint64(0))
    return out


@compiled
def hash_sounds(sounds: NDArray[np.uint8], start: int, stop: int, without: int, salt: np.uint64) -> np.uint64:
    """FNV-1a over the sounds but the one at `without`, mixed by the finisher of splitmix64."""
    value = np.uint64(14695981039346656037) ^ salt
    for i in range(start, stop):
        if i != without:
            value = (value ^ np.uint64(sounds[i] + np.uint64(1))) * np.uint64(1099511628211)
    return mix(value)


@compiled
def mix(value: np.uint64) -> np.uint64:
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@compiled
def _skeleton(sounds: NDArray[np.uint8], start: int, stop: int) -> tuple[np.uint64, int]:
    """The consonants other than H, doubled ones once, as what romanisations keep: packed five bits each, and their number.

    The first stands lowest; of more than twelve the first twelve.
    """
    packed = np.uint64(0)
    count = 0
    last = _NONE
    for i in range(start, stop):
        kept = bone(sounds[i])
        if kept != _NONE and kept != last and count < 12:
            packed |= np.uint64(kept + 1) << np.uint64(5 * count)
            count += 1
            last = kept
    return packed, count


@compiled
def _without(packed: np.uint64, position: int) -> np.uint64:
    """A skeleton less one consonant."""
    low = (np.uint64(1) << np.uint64(5 * position)) - np.uint64(1)
    return (packed & low) | ((packed >> np.uint64(5)) & ~low)


@compiled
def bone(sound: int) -> int:
    """What a sound leaves in the skeleton: nothing of vowels and H; one of those that romanisations write for each other."""
    if is_vowel(sound) or sound == _H:
        return _NONE
    if sound == _KH:  # KH, K; TS, Z, S; V, F; J, ZH
        return 10
    if sound == _ZH:
        return _J
    if sound == _TS or sound == 25:
        return 18
    if sound == 21:
        return 5
    return sound


@compiled
def probe_keys(sounds: NDArray[np.uint8], start: int, stop: int, keys: NDArray[np.uint64]) -> int:
    """Keys under which a token is kept and looked for; returns how many of `keys` were filled.

    Itself; itself less one sound; its skeleton; of six sounds and more its skeleton (of four consonants and more) less one
    consonant; and without AL- itself and its skeleton. Tokens one edit apart share a key, and so do long ones that
    differ in any vowels and one consonant. `share_key` says the same of two tokens.
    """
    length = stop - start
    plain, bare = np.uint64(0), np.uint64(_BARE)
    keys[0] = hash_sounds(sounds, start, stop, -1, plain)
    count = 1
    if length >= 3:
        for i in range(start, stop):
            keys[count] = hash_sounds(sounds, start, stop, i, plain)
            count += 1
    skeleton, consonants = _skeleton(sounds, start, stop)
    if _kept(consonants, length):
        keys[count] = mix(skeleton ^ bare)
        count += 1
    if _long(length, consonants):
        for i in range(consonants):
            keys[count] = mix(_without(skeleton, i) ^ bare)
            count += 1
    if has_article(sounds, start, stop):
        keys[count] = hash_sounds(sounds, start + 2, stop, -1, plain)
        count += 1
        skeleton, consonants = _skeleton(sounds, start + 2, stop)
        if consonants >= 2:
            keys[count] = mix(skeleton ^ bare)
            count += 1
    return count


@compiled
def _long(length: int, consonants: int) -> bool:
    return length >= 6 and consonants >= 4


@compiled
def share_key(a: NDArray[np.uint8], a0: int, a1: int, b: NDArray[np.uint8], b0: int, b1: int) -> bool:
    """Whether two tokens have a key of `probe_keys` in common, found without hashing."""
    if one_apart(a, a0, a1, b, b0, b1, True, True):
        return True
    x, m = _skeleton(a, a0, a1)
    y, n = _skeleton(b, b0, b1)
    long_x, long_y = _long(a1 - a0, m), _long(b1 - b0, n)
    kept_x, kept_y = _kept(m, a1 - a0), _kept(n, b1 - b0)
    if kept_x and kept_y and _bones_apart(x, m, y, n, long_x, long_y):
        return True
    if has_article(a, a0, a1):
        z, k = _skeleton(a, a0 + 2, a1)
        if one_apart(a, a0 + 2, a1, b, b0, b1, False, True) or (k >= 2 and kept_y and _bones_apart(z, k, y, n, False, long_y)):
            return True
    if has_article(b, b0, b1):
        z, k = _skeleton(b, b0 + 2, b1)
        if one_apart(a, a0, a1, b, b0 + 2, b1, True, False) or (k >= 2 and kept_x and _bones_apart(x, m, z, k, long_x, False)):
            return True
    return False


@compiled
def _bones_apart(x: np.uint64, m: int, y: np.uint64, n: int, x_loses: bool, y_loses: bool) -> bool:
    """Whether two skeletons of m and n consonants are equal once each that may has lost at most one."""
    if x == y:
        return True
    if m == n:
        group, five = np.uint64(31), np.uint64(5)
        while (x ^ y) & group == 0:
            x >>= five
            y >>= five
        return x_loses and y_loses and (_less_one(x, y >> five) or _less_one(y, x >> five))
    if m == n + 1:
        return x_loses and _less_one(x, y)
    return n == m + 1 and y_loses and _less_one(y, x)


@compiled
def _less_one(packed: np.uint64, shorter: np.uint64) -> bool:
    """Whether a skeleton less one consonant is the other."""
    group, five = np.uint64(31), np.uint64(5)
    while shorter != 0 and (packed ^ shorter) & group == 0:
        packed >>= five
        shorter >>= five
    return bool(packed >> five == shorter)


@compiled
def _kept(consonants: int, length: int) -> bool:
    """Whether a token of that many sounds is kept under its skeleton."""
    return consonants >= 3 or (consonants == 2 and length >= 3)


@compiled
def one_apart(
    a: NDArray[np.uint8], a0: int, a1: int, b: NDArray[np.uint8], b0: int, b1: int, a_loses: bool, b_loses: bool
) -> bool:
    """Whether two sequences are equal once each that may (of three and more) has lost at most one member."""
    m, n = a1 - a0, b1 - b0
    a_loses, b_loses = a_loses and m >= 3, b_loses and n >= 3
    if abs(m - n) > 1 or (m > n and not a_loses) or (n > m and not b_loses):
        return False
    while a0 < a1 and b0 < b1 and a[a0] == b[b0]:
        a0 += 1
        b0 += 1
    while a0 < a1 and b0 < b1 and a[a1 - 1] == b[b1 - 1]:
        a1 -= 1
        b1 -= 1
    if m != n:
        return a0 == a1 or b0 == b1
    if a0 == a1:
        return True
    if not (a_loses and b_loses):
        return False
    forward = backward = True  # one member replaced, or moved
    for i in range(a1 - a0 - 1):
        forward = forward and a[a0 + i + 1] == b[b0 + i]
        backward = backward and a[a0 + i] == b[b0 + i + 1]
    return forward or backward


@compiled
def has_article(sounds: NDArray[np.uint8], start: int, stop: int) -> bool:
    return stop - start >= 5 and (sounds[start] == _A or sounds[start] == _E) and sounds[start + 1] == _L


@compiled
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

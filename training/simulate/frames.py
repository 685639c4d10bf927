"""Parties of a day → a Manifest: identifiers, times and strings for the levels drawn."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from manifests.frames import Manifest, build
from manifests.vocabulary import DOCUMENT_TYPES, PAYMENTS, ROLES, SEXES
from training.simulate.elements import PARTY
from training.simulate.facilitators import FAVOURITE, SHARED, Facilitators, identifier
from training.simulate.network import CARRIERS, LOW_COST, ONWARD, ORIGINS, Floats, Ints, Network
from training.simulate.parties import Bools, Parties
from training.simulate.people import Objects, digits, mix, uniform

LOCAL_AGENCIES, CORPORATE_AGENCIES, ONLINE_AGENCIES = 36, 12, 5  # per origin, per origin, in all
ONLINE_BASE = 100_000  # numbers of online agencies begin here
DESKS, DESKS_LOCAL = 400, 12  # telephone numbers of an agency that sells online, and of another
HOTELS = 400
FIRMS, RELATIVES = 5e-4, 1.5e-3  # per origin and traveller of the world
LEAD_HOURS = np.array([2, 24, 72, 240, 1080, 2880, 7200], dtype=np.float64)
STAY_DAYS = np.array([1, 5, 16, 46, 181, 350], dtype=np.float64)
LAYOVER_MINUTES = np.array([30, 60, 240, 600, 1420], dtype=np.float64)
LEFT_DAYS = np.array([-20, 30, 180, 730, 1825, 3285, 3640], dtype=np.float64)
ORDINARY_DOMAINS = ["gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "mail.example", "post.example"]
DISPOSABLE_DOMAINS = ["mailinator.com", "guerrillamail.com", "yopmail.com", "10minutemail.com", "trashmail.com"]
STREETS = [
    "MAIN ST",
    "KING ST",
    "QUEEN ST W",
    "RUE SHERBROOKE",
    "YONGE ST",
    "BLOOR ST",
    "RUE SAINT-DENIS",
    "GRANVILLE ST",
    "FRASER ST",
    "MAPLE AVE",
    "ELM CRES",
    "OAK DR",
    "BOUL LAURIER",
    "HURONTARIO ST",
    "DIXIE RD",
    "STEELES AVE",
    "CH STE-FOY",
    "KINGSWAY",
    "16 AVE NE",
    "MACLEOD TRL",
]
UNKNOWN = {"dob": 0.002, "nationality": 0.002, "document": 0.003, "bags": 0.01}  # elements a carrier fails to send
VISA_SHARE = 0.12
KILOGRAMS = 19.0


class Writer:
    """Turns parties into frames. `days`: how many days the world has, for the table of clock offsets."""

    def __init__(self, seed: int, start: date, days: int, travellers: int, network: Network, facilitators: Facilitators) -> None:
        self.firms, self.relatives = (max(20, int(travellers * share)) for share in (FIRMS, RELATIVES))
        self.salt = seed * 64 + 40
        self.start = start
        self.network = network
        self.facilitators = facilitators
        self.epoch = (start - date(1970, 1, 1)).days
        self.offsets = np.stack([network.offsets(start + timedelta(days=day)) for day in range(-4, days + 364)], axis=1)
        self.codes = pl.Series(network.codes)
        self.carriers = pl.Series(CARRIERS + LOW_COST)

    def flights(self, day: int, rows: Ints) -> tuple[pl.DataFrame, Ints, Ints]:
        """The day's flights; with their departures and arrivals in UTC minutes of the world."""
        schedule = self.network.schedule
        departs = day * 1440 + schedule.minute[rows]
        arrives = departs + self.network.block[schedule.departure[rows], schedule.arrival[rows]]
        frame = self._leg(
            schedule.departure[rows], schedule.arrival[rows], schedule.carrier[rows], schedule.number[rows], departs, arrives
        )
        return frame.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("flight")), departs, arrives

    def _leg(self, departure: Ints, arrival: Ints, carrier: Ints, number: Ints, departs: Ints, arrives: Ints) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "carrier": self.carriers[carrier],
                "number": pl.Series(number).cast(pl.String),
                "departure": self.codes[departure],
                "arrival": self.codes[arrival],
                "departure_time": self._times(departs + self._ahead(departure, departs)),
                "arrival_time": self._times(arrives + self._ahead(arrival, arrives)),
                "departure_at": self._times(departs).dt.replace_time_zone("UTC"),
                "arrival_at": self._times(arrives).dt.replace_time_zone("UTC"),
            }
        )

    def _ahead(self, airport: Ints, minutes: Ints) -> Ints:
        offset: Ints = self.offsets[airport, minutes // 1440 + 4]
        return offset

    def _times(self, minutes: Ints) -> pl.Series:
        return pl.Series((self.epoch * 1440 + minutes) * 60_000_000).cast(pl.Datetime("us"))

    def manifest(
        self,
        rng: np.random.Generator,
        day: int,
        rows: Ints,
        parties: Parties,
        origin: Ints,
        travellers: pl.DataFrame,
        documents: pl.DataFrame,
        lead: Ints,
    ) -> Manifest:
        """`origin`: where each booking starts; `travellers`, `documents`: of `people_frames`; `lead`: person per booking."""
        flights, departs, arrives = self.flights(day, rows)
        sent = parties.pnr
        booking = np.cumsum(sent) - 1  # rows of Bookings
        legs = self._legs(rng, parties, origin, rows, departs, arrives)
        begins = legs.group_by("of").agg(pl.col("departure_at").min()).sort("of")["departure_at"]
        bookings = self._bookings(rng, parties, origin, lead, travellers, departs).with_columns(
            pl.min_horizontal("booked_at", begins.dt.offset_by("-1h"))
        )
        locators = bookings["record_locator"]
        keep = pl.Series(sent)
        column = pl.select(
            pl.when(pl.Series(sent[parties.booking])).then(pl.Series(np.maximum(booking, 0)[parties.booking]).cast(pl.UInt32))
        ).to_series()
        number = pl.Series(np.maximum(booking, 0)).cast(pl.UInt32)
        return build(
            flights=flights,
            travellers=travellers.with_columns(
                record_locator=locators[parties.booking],
                ref=locators[parties.booking] + "-" + pl.Series(parties.position + 1).cast(pl.String),
                flight=pl.Series(parties.flight[parties.booking]).cast(pl.UInt32),
                booking=column,
            ),
            documents=documents,
            bookings=bookings.with_columns(booking=number, flight=pl.Series(parties.flight).cast(pl.UInt32)).filter(keep),
            legs=legs.filter(keep[legs["of"]])
            .with_columns(booking=number[legs.filter(keep[legs["of"]])["of"]])
            .sort("booking", "departure_at", maintain_order=True)
            .with_columns(sequence=pl.int_range(pl.len(), dtype=pl.UInt32).over("booking")),
        )

    def _bookings(
        self, rng: np.random.Generator, parties: Parties, origin: Ints, lead: Ints, travellers: pl.DataFrame, departs: Ints
    ) -> pl.DataFrame:
        levels, count, network = parties.levels, lead.size, parties.network
        unit_first = np.flatnonzero(np.r_[True, parties.unit[1:] != parties.unit[:-1]])
        partner = np.maximum.accumulate(np.where(np.isin(np.arange(count), unit_first), np.arange(count), 0))  # first of the unit
        theirs = {kind: (network >= 0) & (rng.random(count) < share) for kind, share in SHARED.items()}
        which = rng.integers(0, 1 << 20, count)
        first = (rng.random(count) > FAVOURITE).astype(np.int64)  # the network's first phone or card, or its second
        payment, payer = levels["payment"], levels["payer"]
        business = payer == PARTY["payer"].level("organisation")
        other = payer == PARTY["payer"].level("other")

        agency = self._agencies(rng, parties, origin, theirs["agency"])
        relative = np.where(rng.random(count) < 0.3, (1 << 41) + origin * self.relatives + which % self.relatives, lead * 2 + 1)
        firm = (1 << 42) + origin * self.firms + (rng.random(count) ** 2 * self.firms).astype(np.int64)
        paid_by = np.where(business, firm, np.where(other, relative, lead * 2))
        paid_by = np.where(theirs["card"], identifier(network, 1, first), paid_by)[partner]
        phone = np.where(theirs["phone"], identifier(network, 0, first), lead * 2)[partner]
        desk = (1 << 43) + agency * DESKS + which % np.where(agency >= ONLINE_BASE, DESKS, DESKS_LOCAL)
        phone = np.where((levels["phone"] == PARTY["phone"].level("agency")) & (agency >= 0), desk, phone)
        hotel = (1 << 44) + (rng.random(count) ** 1.5 * HOTELS).astype(np.int64)
        home = np.where(theirs["address"], identifier(network, 2, which % 2), lead * 2)
        address = np.where(levels["address"] == PARTY["address"].level("hotel"), hotel, home)[partner]

        is_lead = parties.position == 0
        names = travellers.filter(pl.Series(is_lead)).select(
            pl.col("surname") + "/" + pl.col("given").str.split(" ").list.first()
        )
        own_name = names.to_series()
        shuffled = own_name[(np.arange(count) * 7919 + 13) % count]  # another person's name
        member = payer == PARTY["payer"].level("member")
        payer_name = pl.select(
            pl.when(pl.Series(member)).then(own_name).when(pl.Series(other)).then(shuffled).when(pl.Series(business)).then(
                pl.lit("COMPANY/") + digits(paid_by, self.salt + 1, 5)
            )
        ).to_series()  # fmt: skip
        hours = np.exp(_within(rng, np.log(LEAD_HOURS), levels["lead"]))
        booked = departs[parties.flight] - (hours * 60).astype(np.int64)
        dial = pl.Series(self._dialling[origin], dtype=pl.String)
        has_phone = levels["phone"] != PARTY["phone"].level("missing")
        locator_key = mix(lead * 4096 + day_salt(departs), self.salt + 2)
        changes = levels["changes"] + np.where(levels["changes"] == 4, which % 5, 0)
        return pl.DataFrame(
            {
                "record_locator": _locators(locator_key),
                "booked_at": self._times(booked).dt.replace_time_zone("UTC"),
                "payment": pl.Series(payment).cast(pl.UInt8).cat.to(PAYMENTS),
                "payer": payer_name,
                "card": _where(payment == PARTY["payment"].level("card"), _hex(mix(paid_by, self.salt + 3))),
                "agency": _where(agency >= 0, digits(agency, self.salt + 4, 8)),
                "phone": _where(has_phone, dial + digits(phone, self.salt + 5, 9)),
                "email": self._emails(levels["email"], lead),
                "address": _where(levels["address"] != PARTY["address"].level("missing"), self._addresses(address)),
                "changes": pl.Series(changes),
            }
        )

    @property
    def _dialling(self) -> Objects:
        return np.array([dial for _, dial, *_ in ORIGINS.values()], dtype=object)

    def _agencies(self, rng: np.random.Generator, parties: Parties, origin: Ints, theirs: Bools) -> Ints:
        """Agency numbers, -1 for none."""
        kind, count = parties.levels["agency"], origin.size
        local = (rng.random(count) ** 1.6 * LOCAL_AGENCIES).astype(np.int64)
        local = np.where(theirs, self.facilitators.agency[parties.network], local)
        corporate = LOCAL_AGENCIES + (rng.random(count) ** 2 * CORPORATE_AGENCIES).astype(np.int64)
        place = origin * 100
        online = ONLINE_BASE + rng.integers(0, ONLINE_AGENCIES, count)
        level = PARTY["agency"].level
        return np.select(
            [kind == level("local"), kind == level("corporate"), kind == level("online")],
            [place + local, place + corporate, online],
            -1,
        )

    def _emails(self, level: Ints, lead: Ints) -> pl.Series:
        name = "u" + digits(lead, self.salt + 6, 9)
        ordinary = pl.Series(ORDINARY_DOMAINS)[(uniform(lead, self.salt + 7) ** 1.5 * len(ORDINARY_DOMAINS)).astype(np.int64)]
        disposable = pl.Series(DISPOSABLE_DOMAINS)[(uniform(lead, self.salt + 8) * len(DISPOSABLE_DOMAINS)).astype(np.int64)]
        domain = pl.select(pl.when(pl.Series(level == 0)).then(ordinary).otherwise(disposable)).to_series()
        return _where(level < 2, name + "@" + domain)

    def _addresses(self, keys: Ints) -> pl.Series:
        number = pl.Series((mix(keys, self.salt + 9) % np.uint64(9000)).astype(np.int64) + 1).cast(pl.String)
        street = pl.Series(STREETS)[(mix(keys, self.salt + 10) % np.uint64(len(STREETS))).astype(np.int64)]
        city = pl.Series(["TORONTO", "MONTREAL", "VANCOUVER", "CALGARY", "BRAMPTON", "SURREY", "LAVAL", "MISSISSAUGA"])
        return number + " " + street + " " + city[(mix(keys, self.salt + 11) % np.uint64(8)).astype(np.int64)]

    def _legs(
        self, rng: np.random.Generator, parties: Parties, origin: Ints, rows: Ints, departs: Ints, arrives: Ints
    ) -> pl.DataFrame:
        """Itinerary legs of all bookings; `of` is the booking's place."""
        schedule, levels, network = self.network.schedule, parties.levels, self.network
        count = origin.size
        row = rows[parties.flight]
        hub, gate, carrier = schedule.departure[row], schedule.arrival[row], schedule.carrier[row]
        out, into = departs[parties.flight], arrives[parties.flight]
        everyone = np.arange(count)
        pieces = [(everyone, hub, gate, carrier, schedule.number[row], out, into)]

        def feeder(of: Ints, start: Ints, end: Ints, leaves: Ints) -> Ints:
            """Legs that arrive before `leaves` with the layover drawn; gives their departures."""
            layover = np.exp(_within(rng, np.log(LAYOVER_MINUTES), levels["layover"][of])).astype(np.int64)
            kind = levels["interline"][of]
            other = (carrier[of] + 1 + rng.integers(0, len(CARRIERS) - 1, of.size)) % len(CARRIERS)
            cheap = len(CARRIERS) + rng.integers(0, len(LOW_COST), of.size)
            by = np.select([kind == 0, kind == 1], [carrier[of], other], cheap)
            lands = leaves - layover
            begins = lands - network.block[start, end]
            pieces.append((of, start, end, by, rng.integers(20, 3000, of.size), begins, lands))
            return begins

        connecting = np.flatnonzero(levels["route"] > 0)
        double = np.flatnonzero(levels["route"] == PARTY["route"].level("double"))
        between = self._between(rng, origin[double], hub[double])
        first_hub = origin.copy()
        first_hub[double] = between
        begins = np.zeros(count, dtype=np.int64)
        begins[connecting] = feeder(connecting, first_hub[connecting], hub[connecting], out[connecting])
        feeder(double, origin[double], between, begins[double])

        kinds = levels["onward"]
        for name, codes in ONWARD.items():
            of = np.flatnonzero(kinds == PARTY["onward"].level(name))
            to = np.array([network.index[code] for code in codes])[rng.integers(0, len(codes), of.size)]
            leaves = into[of] + rng.integers(100, 420, of.size)
            pieces.append(
                (of, gate[of], to, carrier[of], rng.integers(7000, 9000, of.size), leaves, leaves + network.block[gate[of], to])
            )
        back = np.flatnonzero(levels["stay"] != PARTY["stay"].level("one_way"))
        days = _within(rng, STAY_DAYS, levels["stay"][back]).astype(np.int64)
        leaves = into[back] + days * 1440 + rng.integers(0, 600, back.size)
        lands = leaves + network.block[gate[back], hub[back]]
        pieces.append((back, gate[back], hub[back], carrier[back], schedule.number[row[back]] + 1, leaves, lands))
        home = np.flatnonzero(levels["route"][back] > 0)
        of = back[home]
        leaves = lands[home] + 150
        pieces.append(
            (
                of,
                hub[of],
                origin[of],
                carrier[of],
                rng.integers(20, 3000, of.size),
                leaves,
                leaves + network.block[hub[of], origin[of]],
            )
        )
        of, start, end, by, number, begins, lands = (np.concatenate(arrays) for arrays in zip(*pieces, strict=True))
        frame = self._leg(start, end, by, number, begins, lands)
        return frame.with_columns(of=pl.Series(of), flight=pl.Series(parties.flight[of]).cast(pl.UInt32))

    def _between(self, rng: np.random.Generator, origin: Ints, hub: Ints) -> Ints:
        """Another hub on the way from origin to hub."""
        hubs = np.flatnonzero(self.network.hub)
        chosen = hubs[rng.integers(0, hubs.size, origin.size)]
        for _ in range(8):
            same = (chosen == origin) | (chosen == hub)
            chosen = np.where(same, hubs[rng.integers(0, hubs.size, origin.size)], chosen)
        return np.where((chosen == origin) | (chosen == hub), hubs[0], chosen)


def people_frames(
    rng: np.random.Generator, parties: Parties, surnames: pl.Series, given: pl.Series, sex: Ints, born: Ints,
    nationality: pl.Series, number: pl.Series, issuer: pl.Series, expiry: Ints,
) -> tuple[pl.DataFrame, pl.DataFrame]:  # fmt: skip
    """Travellers and Documents frames (without what bookings add); dates in days since 1970."""
    count = born.size
    pooled = (parties.levels["pooled"] == 1)[parties.booking] & (parties.levels["size"] > 0)[parties.booking]
    bags = parties.person_levels["bags"]
    total = np.bincount(parties.booking, weights=bags).astype(np.int64)[parties.booking]
    bags = np.where(pooled, np.where(parties.position == 0, total, 0), bags)
    weight = (bags * KILOGRAMS * rng.uniform(0.55, 1.25, count)).astype(np.int64)
    known = {name: rng.random(count) >= share for name, share in UNKNOWN.items()}
    travellers = pl.DataFrame(
        {
            "traveller": np.arange(count, dtype=np.uint32),
            "role": pl.Series(["passenger"] * count, dtype=ROLES),
            "surname": surnames,
            "given": given,
            "sex": pl.Series(sex).cast(pl.UInt8).cat.to(SEXES),
            "dob": _where(known["dob"], _dates(born)),
            "nationality": _where(known["nationality"], nationality),
            "bags": _where(known["bags"], pl.Series(bags)),
            "bag_weight": _where(known["bags"], pl.Series(weight)),
        }
    )
    passports = pl.DataFrame(
        {"traveller": travellers["traveller"], "type": "P", "number": number, "issuer": issuer, "expiry": _dates(expiry)}
    ).filter(pl.Series(known["document"]))
    has_visa = pl.Series(rng.random(count) < VISA_SHARE) & (nationality != "CAN")
    visas = pl.DataFrame(
        {
            "traveller": travellers["traveller"],
            "type": "V",
            "number": "V" + digits(born + np.arange(count) * 40_000, 77, 8),
            "issuer": "CAN",
            "expiry": _dates(expiry - 30),
        }
    ).filter(has_visa)
    documents = pl.concat([passports, visas]).with_columns(pl.col("type").cast(DOCUMENT_TYPES))
    return travellers, documents.sort("traveller", maintain_order=True)


def day_salt(departs: Ints) -> int:
    """A number for the day, so that a person's bookings have different locators."""
    return int(departs[0] // 1440) % 4096


def _within(rng: np.random.Generator, edges: Floats, level: Ints) -> Floats:
    """Uniform between the edges of a level."""
    drawn: Floats = edges[level] + rng.random(level.size) * (edges[level + 1] - edges[level])
    return drawn


def _where(mask: Bools, values: pl.Series) -> pl.Series:
    return pl.select(pl.when(pl.Series(mask)).then(values)).to_series()


def _dates(days: Ints) -> pl.Series:
    return pl.Series(days.astype(np.int32)).cast(pl.Date)


def _hex(values: np.typing.NDArray[np.uint64]) -> pl.Series:
    text = values.astype(">u8").tobytes().hex()
    return pl.Series([text[start : start + 16] for start in range(0, len(text), 16)], dtype=pl.String)


def _locators(values: np.typing.NDArray[np.uint64]) -> pl.Series:
    """Six characters of the 32 that airlines use."""
    alphabet = np.array(list("ABCDEFGHJKLMNPQRSTUVWXYZ23456789"))
    picked = alphabet[((values[:, None] >> (np.arange(6, dtype=np.uint64) * np.uint64(5))) & np.uint64(31)).astype(np.int64)]
    return pl.Series(np.ascontiguousarray(picked).view("<U6").ravel().tolist(), dtype=pl.String)

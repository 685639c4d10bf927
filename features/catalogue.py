"""Every feature, listed: the order of the columns after `traveller`."""

from collections.abc import Mapping
from types import MappingProxyType

from features import baggage, booking, contact, document, onward, party, past, payment, protection, route, ticket, traveller
from features.feature import Feature

CATALOGUE: tuple[Feature, ...] = (
    booking.booked_before_departure_hours,
    booking.booking_changes,
    booking.record_locator_missing,
    payment.payment_form,
    payment.paid_cash,
    payment.payer_not_travelling,
    payment.card_other_bookings_30d,
    ticket.one_way,
    ticket.stay_days,
    route.journey_legs,
    route.longest_layover_hours,
    route.shortest_layover_hours,
    route.detour_ratio,
    route.carrier_changes,
    route.flight_km,
    route.departure_airport,
    route.arrival_airport,
    route.departure_country,
    route.journey_origin_country,
    route.connection_airport,
    baggage.checked_bags,
    baggage.checked_bag_weight,
    baggage.party_bags_each,
    baggage.bags_pooled,
    document.document_missing,
    document.documents_sent,
    document.document_validity_days,
    document.document_issuers,
    document.issuer_not_nationality,
    document.document_type,
    document.document_others_on_flight,
    document.document_other_persons_365d,
    contact.contact_missing,
    contact.booked_by_agency,
    contact.phone_other_bookings_30d,
    contact.email_other_bookings_30d,
    contact.address_other_bookings_30d,
    contact.agency_other_bookings_7d,
    contact.agency_other_bookings_30d,
    party.party_size,
    party.party_surnames,
    party.linked_bookings_on_flight,
    party.earlier_companions_365d,
    past.earlier_trips_365d,
    past.earlier_trips_30d,
    past.days_since_last_trip,
    protection.child_without_adult,
    protection.unrelated_children,
    onward.journey_end_border_km,
    onward.arrival_border_km,
    onward.onward_hours,
    onward.onward_country,
    traveller.age_years,
    traveller.nationality,
    traveller.sex,
    traveller.role,
)
BY_ID: Mapping[str, Feature] = MappingProxyType({feature.id: feature for feature in CATALOGUE})

__all__ = ["BY_ID", "CATALOGUE", "Feature"]

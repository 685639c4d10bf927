// A carrier: screens one traveller and a manifest, asks for the directive in force, and is turned away by the officers' listener.
// usage: node carrier.mjs CARRIERS_ADDRESS OFFICERS_ADDRESS CERTS NAME SURNAME GIVEN DOB
import { call, credentials, services } from "./forepost.mjs";

const [carriers, officers, certs, name, surname, given, dob] = process.argv.slice(2);
const { ScreeningService, ReferralService } = services();
const own = credentials(certs, `carriers/${name}`);
const screening = new ScreeningService(carriers, own);
const referrals = new ReferralService(officers, own);

const flight = {
  carrier: "AC", number: "0873", departure: "FRA", arrival: "YYZ",
  departure_time: "2026-12-01T13:00", arrival_time: "2026-12-01T15:30",
};
const traveller = {
  ref: "N1", surname, given, dob, sex: "M", nationality: "DEU",
  documents: [{ type: "P", number: "C01X00T47", issuer: "DEU", expiry: "2031-05-01" }],
};
const travellers = {
  ref: ["N2", "N3"], surname: ["MUELLER", "TREMBLAY"], given: ["JONAS", "LUCIE"],
  dob: ["1984-02-11", "1991-02-30"], sex: ["M", "F"], nationality: ["DEU", "CAN"],
};

const one = await call(screening, "ScreenTraveller", { request_id: "node-1", flight, traveller });
const manifest = await call(screening, "ScreenManifest", { request_id: "node-2", flight, travellers });
const reference = one.response?.answer?.reference ?? "";
const screened = await call(screening, "GetScreening", { reference });
const refused = await call(referrals, "ListReferrals", { purpose: "examination" });
console.log(JSON.stringify({ one, manifest, screened, refused }));
screening.close();
referrals.close();

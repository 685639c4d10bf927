// An officer: lists the referrals, reads the first one of the given screening, and is turned away by the carriers' listener.
// usage: node officer.mjs CARRIERS_ADDRESS OFFICERS_ADDRESS CERTS ID REFERENCE
import { call, credentials, services } from "./forepost.mjs";

const [carriers, officers, certs, id, reference] = process.argv.slice(2);
const { ScreeningService, ReferralService } = services();
const own = credentials(certs, `officers/${id}`);
const screening = new ScreeningService(carriers, own);
const referrals = new ReferralService(officers, own);

const purpose = "examination";
const listed = await call(referrals, "ListReferrals", { purpose });
const summary = listed.response?.referrals.find((referral) => referral.reference === reference);
const read = summary && (await call(referrals, "GetReferral", { purpose, referral_id: summary.referral_id }));
const withoutPurpose = await call(referrals, "ListReferrals", {});
const refused = await call(screening, "GetScreening", { reference });
console.log(JSON.stringify({ listed, read, withoutPurpose, refused }));
screening.close();
referrals.close();

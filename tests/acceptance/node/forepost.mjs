// What both clients share: the services from the .proto files, and channels with a client certificate.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const protos = join(dirname(fileURLToPath(import.meta.url)), "../../../proto");
const options = { keepCase: true, longs: String, enums: String, defaults: true, includeDirs: [protos] };

export function services() {
  const files = ["forepost/screening/v1/screening.proto", "forepost/referrals/v1/referrals.proto"];
  const { forepost } = grpc.loadPackageDefinition(loader.loadSync(files, options));
  return {
    ScreeningService: forepost.screening.v1.ScreeningService,
    ReferralService: forepost.referrals.v1.ReferralService,
  };
}

// place: carriers/NAME or officers/ID
export function credentials(certs, place) {
  const read = (name) => readFileSync(join(certs, name));
  return grpc.credentials.createSsl(read("ca.pem"), read(`${place}.key`), read(`${place}.pem`));
}

// The response, or the name of the status code and its message.
export function call(client, method, request) {
  const deadline = Date.now() + 30_000;
  return new Promise((resolve) => {
    client[method](request, { deadline }, (error, response) =>
      resolve(error ? { error: grpc.status[error.code], message: error.details } : { response }),
    );
  });
}

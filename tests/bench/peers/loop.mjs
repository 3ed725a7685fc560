// The least that Lambda's runtime for Node.js does: ask for an event, call the handler, post its answer.

import http from "node:http";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    if (body !== undefined) headers["content-length"] = Buffer.byteLength(body);
    const options = { host, port, method, agent, headers, path: `/2018-06-01/runtime${path}` };
    const request = http.request(options, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({ headers: response.headers, text: Buffer.concat(parts).toString() }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

const described = (error) => JSON.stringify({ errorType: error.name, errorMessage: error.stack });

let handler;
try {
  ({ handler } = await import(process.env.PEER_BUNDLE));
} catch (error) {
  await ask("POST", "/init/error", described(error));
  process.exit(1);
}
for (;;) {
  const { headers, text } = await ask("GET", "/invocation/next");
  const invocation = `/invocation/${headers["lambda-runtime-aws-request-id"]}`;
  try {
    await ask("POST", `${invocation}/response`, JSON.stringify(await handler(JSON.parse(text))));
  } catch (error) {
    await ask("POST", `${invocation}/error`, described(error));
  }
}

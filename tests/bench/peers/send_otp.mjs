// Logto's own Mailgun connector behind the request that Logto's HTTP e-mail connector sends.

import createConnector from "@logto/connector-mailgun";
import { createHash, timingSafeEqual } from "node:crypto";

const html = "<p>Your code is <strong>{{code}}</strong>. It is valid for 10 minutes.</p>";
const delivery = { subject: "{{code}} is your code", html, text: "Your code is {{code}}." };

const connector = await createConnector({
  getConfig: async () => ({
    // Only addresses that end like this are accepted; of it, the connector uses no more than the origin.
    endpoint: `${process.env.MAILGUN_ENDPOINT}/.mailgun.net`,
    domain: process.env.MAILGUN_DOMAIN,
    apiKey: process.env.MAILGUN_API_KEY,
    from: process.env.MAILGUN_FROM,
    deliveries: { SignIn: delivery, Register: delivery, ForgotPassword: delivery, Generic: delivery },
  }),
});

const digest = (text) => createHash("sha256").update(text).digest();
const expected = digest(`Bearer ${process.env.SEND_OTP_TOKEN}`);

const answer = (statusCode, content) => ({
  statusCode,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(content),
});

export async function handler(event) {
  if (!timingSafeEqual(digest(event.headers.authorization ?? ""), expected)) return answer(401, {});
  const text = event.isBase64Encoded ? Buffer.from(event.body, "base64").toString() : event.body;
  await connector.sendMessage(JSON.parse(text));
  return answer(200, {});
}

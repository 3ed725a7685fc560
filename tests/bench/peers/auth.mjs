// Auth.js as its documentation sets it up for Logto and DynamoDB: OIDC, and sessions in the database.

import { Auth } from "@auth/core";
import Logto from "@auth/core/providers/logto";
import { DynamoDBAdapter } from "@auth/dynamodb-adapter";
import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocument } from "@aws-sdk/lib-dynamodb";
import { toRequest, toResult } from "./event.mjs";

const client = DynamoDBDocument.from(new DynamoDB({ endpoint: process.env.AWS_ENDPOINT_URL || undefined }), {
  marshallOptions: {
    convertEmptyValues: true,
    removeUndefinedValues: true,
    convertClassInstanceToMap: true,
  },
});

const config = {
  basePath: "/auth",
  trustHost: true,
  secret: process.env.AUTH_SECRET,
  adapter: DynamoDBAdapter(client, { tableName: process.env.TABLE_NAME }),
  session: { strategy: "database" },
  providers: [
    Logto({
      issuer: process.env.LOGTO_ISSUER,
      clientId: process.env.AUTH_LOGTO_ID,
      clientSecret: process.env.AUTH_LOGTO_SECRET,
      // Logto signs ID tokens with ES384, and only what is named here is accepted.
      client: { id_token_signed_response_alg: "ES384" },
    }),
  ],
};

export const handler = async (event) => toResult(await Auth(toRequest(event), config));

// Between API Gateway's events of payload version 2.0 and the web's own Request and Response.

export function toRequest(event) {
  const { rawPath, rawQueryString, headers, cookies, body, isBase64Encoded, requestContext } = event;
  const sent = new Headers(headers);
  if (cookies?.length) sent.set("cookie", cookies.join("; "));
  const query = rawQueryString ? `?${rawQueryString}` : "";
  return new Request(`${process.env.PUBLIC_BASE_URL}${rawPath}${query}`, {
    method: requestContext.http.method,
    headers: sent,
    body: body && isBase64Encoded ? Buffer.from(body, "base64") : body,
  });
}

export async function toResult(response) {
  const headers = Object.fromEntries(response.headers);
  delete headers["set-cookie"];
  const cookies = response.headers.getSetCookie();
  return { statusCode: response.status, headers, cookies, body: await response.text() };
}

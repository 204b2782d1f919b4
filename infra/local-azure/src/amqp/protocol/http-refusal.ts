const METHOD = /^(?:GET|PUT|POST|DELETE|HEAD|PATCH|OPTIONS) /;

const DETAIL =
  'The administration API of Service Bus (and HTTP of Event Hubs) is not supported by the embedded ' +
  'Azure: this port speaks AMQP. Entities come from its configuration; a subscription has a rule ' +
  'manager over AMQP (createRuleManager).';
const BODY = `<Error><Code>501</Code><Detail>${DETAIL}</Detail></Error>`;

/** True when a connection begins as HTTP: the administration clients send it to the same port. */
export function isHttpRequest(bytes: Buffer): boolean {
  return METHOD.test(bytes.toString('latin1', 0, 8));
}

/** The answer to any HTTP request, in the form in which the SDKs expect an error. */
export const HTTP_REFUSAL = Buffer.from(
  'HTTP/1.1 501 Not Implemented\r\nContent-Type: application/xml\r\nConnection: close\r\n' +
    `Content-Length: ${Buffer.byteLength(BODY)}\r\n\r\n${BODY}`,
);

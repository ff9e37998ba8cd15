// A DAP message in a few words, for the log: what kind, which one, about which thread; never its contents, which may be anything.

/** @param message as it goes by: what an adapter or a client made of the protocol. Never throws. */
export function messageInWords(message: unknown): string {
  const {
    type,
    seq,
    request_seq: answers,
    command,
    event,
    success,
    message: why,
    arguments: given,
    body,
  } = fields(message);
  switch (type) {
    case "request":
      return `request ${word(command)} (${word(seq)})${thread(given)}`;
    case "response":
      return `response ${word(command)} (${word(answers)})${success === false ? ` refused: ${word(why)}` : ""}`;
    case "event":
      return `event ${word(event)}${reason(body)}${thread(body)}`;
    default:
      return `a message of type ${word(type)}`;
  }
}

function thread(of: unknown): string {
  const { threadId } = fields(of);
  return threadId === undefined ? "" : `, thread ${word(threadId)}`;
}

function reason(of: unknown): string {
  const { reason: given } = fields(of);
  return given === undefined ? "" : ` (${word(given)})`;
}

/** A field as a word, shortened: it may hold anything. */
function word(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value).slice(0, 100) : typeof value;
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** The protocol has a message for a position in the log with each kind of answer; all take it the same way. */
interface PositionMessage {
  setCommitPosition(value: string): unknown;
  setPreparePosition(value: string): unknown;
}

/** Fills in a position: what is committed here was prepared here. */
export function positioned<Message extends PositionMessage>(message: Message, position: number): Message {
  message.setCommitPosition(String(position));
  message.setPreparePosition(String(position));
  return message;
}

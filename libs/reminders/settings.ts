/** How reminders reach people, and where their links lead. */
export interface ReminderSettings {
  baseUrl: string;
  smtpUrl?: string;
  /** The sender's address. */
  from: string;
  /** The desk's wall clock. */
  timeZone: string;
  /** The hour at which the desk is reminded, where nobody says otherwise. */
  hour: number;
  /** For so many minutes after a message to somebody, what else comes for that person is gathered and goes out together; 0 for at once. */
  digestMinutes: number;
  /** Tells this process from others that may deliver the same messages. */
  instance: string;
  /** The instance's own key, from which secrets are derived. */
  key: string;
}

export const REMINDER_SETTINGS = Symbol('ReminderSettings');

import { notifications } from '@mantine/notifications';
import { sentenceOf } from '../api/problem.ts';

/** Says that something is done, politely: a screen reader finishes its sentence first. */
export function tell(message: string): void {
  notifications.show({ message, role: 'status', color: 'accent', autoClose: 4000 });
}

/** Says that something failed and why; it stays long enough to be read. */
export function tellProblem(title: string, error: unknown): void {
  notifications.show({ title, message: sentenceOf(error), role: 'alert', color: 'red', autoClose: 12_000 });
}

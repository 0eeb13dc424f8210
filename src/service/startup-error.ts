/**
 * Why the platform can't start, for the person who starts it: the message is one clear line that names
 * the setting to change. `main` prints it alone, without a stack.
 */
export class StartupError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'StartupError';
  }
}

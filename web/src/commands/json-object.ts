/**
 * What is typed as params: a JSON object, or the line and the reason why it is none. Browsers word the reason each in
 * its own way, some without the place, so this reads the text itself.
 */
export function readJsonObject(
  text: string,
): { value: Record<string, unknown> } | { line: number; reason: string } {
  const reader = new Reader(text);
  try {
    reader.object();
    reader.end();
  } catch (error) {
    if (error instanceof NotJson) return { line: lineAt(text, error.at), reason: error.message };
    throw error;
  }
  return { value: JSON.parse(text) };
}

class NotJson extends Error {
  readonly at: number;
  constructor(at: number, reason: string) {
    super(reason);
    this.at = at;
  }
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** As RFC 8259 has them. */
const space = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])/y;
const word = /(?:true|false|null)(?!\w)/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: just these may not stand in a text
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
/** What somebody may have meant as one, for the reason. */
const looksLike = /[^\s,:[\]{}]+/y;
/** Deeper than any device wants it; the platform takes no more either. */
const deepest = 100;

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  object(): void {
    this.#take(space);
    if (this.#next() !== '{')
      this.#fail(
        this.#next() ? 'params are an object: begin with {' : 'there is no JSON yet; {} is the shortest',
      );
    this.#members('}', () => {
      if (!this.#take(string)) this.#fail(this.#whyNoName());
      this.#take(space);
      if (this.#next() !== ':') this.#fail('a : is missing between a name and its value');
      this.#at += 1;
      this.#value();
    });
  }

  end(): void {
    this.#take(space);
    if (this.#next()) this.#fail('there is something behind the last }');
  }

  #value(): void {
    this.#take(space);
    const next = this.#next();
    if (next === '{') this.object();
    else if (next === '[') this.#members(']', () => this.#value());
    else if (!this.#take(string) && !this.#take(number) && !this.#take(word)) this.#fail(this.#whyNoValue());
  }

  /** What stands between brackets, separated by commas. */
  #members(end: '}' | ']', member: () => void): void {
    const began = this.#at;
    this.#depth += 1;
    if (this.#depth > deepest) this.#fail(`it is nested more than ${deepest} deep`);
    this.#at += 1;
    this.#take(space);
    while (this.#next() !== end) {
      member();
      this.#take(space);
      if (this.#next() === end) break;
      if (!this.#next()) this.#fail(`the ${this.#text[began]} is never closed with ${end}`, began);
      if (this.#next() !== ',') this.#fail(`a comma or ${end} is missing here`);
      const comma = this.#at;
      this.#at += 1;
      this.#take(space);
      if (this.#next() === end) this.#fail(`there is a comma before ${end}`, comma);
    }
    this.#at += 1;
    this.#depth -= 1;
  }

  #whyNoName(): string {
    if (!this.#next()) return 'it ends before the last }';
    if (this.#next() === '"') return this.#whyNoText();
    const meant = this.#peek(looksLike);
    return meant
      ? `names stand in double quotes: "${bare(meant)}"`
      : 'a name in double quotes is missing here';
  }

  #whyNoValue(): string {
    if (!this.#next()) return 'a value is missing at the end';
    if (this.#next() === '"') return this.#whyNoText();
    const meant = this.#peek(looksLike);
    if (meant && /^[-+.\d]/.test(meant)) return `${cut(meant)} is no number; they look like 12, -3.5 or 1e6`;
    return meant
      ? `${cut(meant)} is no value; texts stand in double quotes: "${bare(meant)}"`
      : 'a value is missing here';
  }

  #whyNoText(): string {
    const rest = this.#text.slice(this.#at + 1);
    const line = rest.split('\n', 1)[0]!;
    return /(?:^|[^\\])(?:\\\\)*"/.test(line)
      ? 'a text has a \\ or a tab in it that must be written \\\\ or \\t'
      : 'a text is not closed with " on its line';
  }

  #next(): string {
    return this.#text.charAt(this.#at);
  }

  #peek(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0];
  }

  #take(pattern: RegExp): boolean {
    const found = this.#peek(pattern);
    this.#at += found?.length ?? 0;
    return found !== undefined;
  }

  #fail(reason: string, at = this.#at): never {
    throw new NotJson(at, reason);
  }
}

function bare(text: string): string {
  return cut(text.replace(/^['"“”`]|['"“”`]$/g, ''));
}

function cut(text: string): string {
  return text.length > 30 ? `${text.slice(0, 30)}…` : text;
}

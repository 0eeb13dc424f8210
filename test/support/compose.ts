import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const deploy = join(import.meta.dirname, '../../deploy');

export interface ComposeService {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  networks: string[] | Record<string, object>;
  ports?: string[];
}

export interface Compose {
  services: Record<string, ComposeService>;
  networks: Record<string, object>;
  volumes: Record<string, object>;
}

/**
 * deploy/compose.yaml as Docker Compose reads it.
 * @param environment as in `.env`; one that the file insists on and that is missing is an error
 */
export function readCompose(environment: Record<string, string>): Compose {
  const text = readFileSync(join(deploy, 'compose.yaml'), 'utf8');
  const filled = text.replaceAll(
    /\$\{(\w+):([-?])([^}]*)\}/g,
    (_all, name: string, kind: string, words: string) => {
      const value = environment[name];
      if (value) return value;
      if (kind === '?') throw new Error(`${name}: ${words}`);
      return words;
    },
  );
  return parse(filled, { merge: true }) as Compose;
}

/** Those that run the platform itself. */
export function ownServices({ services }: Compose): [name: string, service: ComposeService][] {
  return Object.entries(services).filter(([, { image }]) => image.startsWith('netneural-mqtt'));
}

import { spawnSync } from 'node:child_process';

/** Debian's packages are for Debian's own Python, before which another may be found. */
const programs = ['python3', '/usr/bin/python3'];

/** @returns a Python that has paho-mqtt */
export function pythonWithPaho(): string {
  const proof = ['-c', 'import paho.mqtt.client'];
  const python = programs.find((program) => spawnSync(program, proof).status === 0);
  if (!python) throw new Error('Python with paho-mqtt is missing: install python3-paho-mqtt');
  return python;
}

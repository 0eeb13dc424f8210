/** The platform with two things left out: no roll-ups are made, and no rules are judged. */
import { Alerts } from '../src/alerts/alerts.ts';
import { Rollups } from '../src/ingest/rollups.ts';

Alerts.prototype.start = async () => {};
Rollups.prototype.start = async () => {};
await import('../src/main/main.ts');

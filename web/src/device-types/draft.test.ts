import { expect, it } from 'vitest';
import type { DeviceType } from '../api/types.ts';
import { contradictions, fieldBody, fieldDraft, typeBody, typeDraft } from './draft.ts';

const type: DeviceType = {
  id: 't',
  name: 'Boiler',
  metrics: [{ name: 't1', label: 'Temperature', unit: '°C', max: 90 }, { name: 'door' }],
  retention_days: 30,
  device_count: 3,
  created_at: '2026-11-26T12:00:00.000Z',
  commands: [
    {
      name: 'heat',
      description: 'Heats up',
      fields: [
        { type: 'number', name: 'to', unit: '°C', min: 0, max: 90, whole: true, required: true, default: 0 },
        { type: 'choice', name: 'mode', options: ['eco', 'fast'], required: false, default: 'eco' },
        { type: 'switch', name: 'hold', required: false, default: true },
        { type: 'text', name: 'note', label: 'Note', required: false },
      ],
    },
  ],
};

it('gives back what was not changed', () => {
  const { name, commands, metrics, retention_days } = type;
  expect(JSON.parse(JSON.stringify(typeBody(typeDraft(type))))).toEqual({
    name,
    commands,
    metrics,
    retention_days,
  });
});

it('sends of a field what its kind has', () => {
  const number = { ...fieldDraft(), name: ' to ', unit: ' ', min: '-', default: 7, options: ['a'] };
  expect(JSON.parse(JSON.stringify(fieldBody(number)))).toEqual({
    type: 'number',
    name: 'to',
    required: false,
    default: 7,
  });
  const choice = { ...number, type: 'choice', default: 'gone' } as const;
  expect(JSON.parse(JSON.stringify(fieldBody(choice)))).toEqual({
    type: 'choice',
    name: 'to',
    options: ['a'],
    required: false,
  });
});

it('finds numbers that contradict each other', () => {
  const draft = typeDraft(type);
  const [to] = draft.commands[0]!.fields;
  const changed = (field: object) =>
    contradictions({ ...draft, commands: [{ ...draft.commands[0]!, fields: [{ ...to!, ...field }] }] });
  expect(changed({})).toEqual({});
  expect(changed({ max: -5 })).toEqual({ 'commands.0.fields.0.max': 'Is less than the least' });
  expect(changed({ default: 91 })).toEqual({ 'commands.0.fields.0.default': 'Is outside of the bounds' });
  expect(changed({ default: 1.5 })).toEqual({ 'commands.0.fields.0.default': 'Is not a whole number' });
});

import { describe, expect, it } from 'vitest';
import { templateProblem } from '../../../../src/domain/field-template.ts';
import { changed, fieldsIn, nextField, withFields } from './fields.ts';

const text = '{"fields":[{"name":"a","type":"uint16","offset":0,"endian":"little"}],"encoding":"hex"}';

describe('fields of a template', () => {
  it('are read from its text and written back, with what stands beside them', () => {
    const fields = fieldsIn(text)!;
    expect(fields).toMatchObject([{ name: 'a', type: 'uint16' }]);
    expect(JSON.parse(withFields(text, [...fields, nextField(fields)]))).toEqual({
      fields: [...fields, { name: 'value2', type: 'uint8', offset: 2 }],
      encoding: 'hex',
    });
    for (const none of ['', '{', '[]', 'null', '{"fields":1}', '{"fields":[1]}']) {
      expect(fieldsIn(none)).toBeUndefined();
    }
  });

  it('keep what goes with their type, and nothing else', () => {
    const field = { name: 'a', type: 'uint16', offset: 4, endian: 'little', bit: 3, scale: 0.1 } as const;
    expect(changed(field, { type: 'bool' })).toEqual({ name: 'a', type: 'bool', offset: 4, bit: 3 });
    expect(changed(field, { type: 'text' })).toEqual({ name: 'a', type: 'text', offset: 4, length: 8 });
    expect(changed(field, { scale: undefined })).not.toHaveProperty('scale');
    for (const type of ['bool', 'text', 'bcd', 'int8', 'float64', 'uint8'] as const) {
      const fields = [changed({ ...field, bit: undefined } as never, { type })];
      expect(templateProblem({ fields })).toBeUndefined();
    }
  });

  it('come one behind the other, each with a name of its own', () => {
    const second = { name: 'value2', type: 'float64', offset: 1 } as const;
    expect(nextField([])).toEqual({ name: 'value1', type: 'uint8', offset: 0 });
    expect(nextField([second])).toMatchObject({ name: 'value3', offset: 9 });
  });
});

import { Select } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { quarantineReasons } from '../../../../src/domain/reading.ts';
import { sentenceOfQuarantine } from '../../connect/diagnose.ts';
import { paths } from '../../paths.ts';
import classes from './Quarantine.module.css';

/** One reason or all of them; the choice stands in the address. */
export function ReasonFilter({ chosen }: { chosen: string | undefined }) {
  const navigate = useNavigate({ from: paths.quarantine });
  const known = Object.keys(quarantineReasons);
  // A shared address may name a reason that this page does not know yet.
  const reasons = chosen === undefined || known.includes(chosen) ? known : [...known, chosen];
  return (
    <Select
      className={classes.filter}
      aria-label="Reason"
      placeholder="All reasons"
      data={reasons}
      value={chosen ?? null}
      clearable
      clearButtonProps={{ 'aria-label': 'Show all reasons' }}
      comboboxProps={{ width: 'min(420px, calc(100vw - 28px))', position: 'bottom-start' }}
      maxDropdownHeight={360}
      renderOption={({ option }) => (
        <span className={classes.option}>
          <span className={classes.word}>{option.value}</span>
          <span className={classes.sentence}>{sentenceOfQuarantine(option.value)}</span>
        </span>
      )}
      onChange={(reason) => void navigate({ to: '.', search: { reason: reason ?? undefined } })}
    />
  );
}

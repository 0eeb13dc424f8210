import { Button, FileButton, Textarea } from '@mantine/core';
import { useState } from 'react';
import { IconUpload } from '../../../components/icons.ts';
import classes from './Fields.module.css';

/** As much as the API takes. */
const mostBytes = 64 * 1024;

interface Props {
  label: string;
  description: string;
  value: string;
  error: string | undefined;
  placeholder?: string;
  onChange: (pem: string) => void;
}

/** A certificate or key in PEM, pasted or from a file. */
export function PemField({ label, description, value, error, placeholder, onChange }: Props) {
  const [refused, setRefused] = useState('');
  const read = async (file: File | null) => {
    if (!file) return;
    const text = file.size > mostBytes ? '' : await file.text();
    const isPem = /-----BEGIN [A-Z ]+-----/.test(text);
    setRefused(isPem ? '' : `${file.name} is no PEM file: one begins with -----BEGIN`);
    if (isPem) onChange(text);
  };
  return (
    <div className={classes.pem}>
      <Textarea
        label={label}
        description={description}
        placeholder={placeholder ?? '-----BEGIN CERTIFICATE-----'}
        classNames={{ input: classes.code }}
        rows={3}
        maxLength={mostBytes}
        spellCheck={false}
        autoComplete="off"
        value={value}
        error={refused || error}
        onChange={(event) => {
          setRefused('');
          onChange(event.currentTarget.value);
        }}
      />
      <FileButton accept=".pem,.crt,.cer,.key" onChange={(file) => void read(file)}>
        {(props) => (
          <Button
            {...props}
            variant="default"
            size="xs"
            className={classes.add}
            leftSection={<IconUpload size={15} />}
            aria-label={`${label}: choose a file`}
          >
            Choose a file
          </Button>
        )}
      </FileButton>
    </div>
  );
}

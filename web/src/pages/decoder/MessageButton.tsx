import { Ago } from '../../components/Ago.tsx';
import { IconAlertTriangle, IconCircleCheck } from '../../components/icons.ts';
import { payloadPreview } from '../../format/payload.ts';
import classes from './Decoder.module.css';

interface Props {
  /** Why it is in quarantine, or what became of it. */
  word: string;
  isTrouble: boolean;
  who: string;
  at: string;
  payload: { text: string | null; base64: string | null };
  isPicked: boolean;
  onPick: () => void;
}

/** One message to pick. */
export function MessageButton({ word, isTrouble, who, at, payload, isPicked, onPick }: Props) {
  const Icon = isTrouble ? IconAlertTriangle : IconCircleCheck;
  return (
    <li>
      <button type="button" className={classes.message} aria-pressed={isPicked} onClick={onPick}>
        <span className={classes.line}>
          <span className={isTrouble ? classes.trouble : classes.fine}>
            <Icon size={15} stroke={1.9} aria-hidden />
            {word}
          </span>
          <span className={classes.dim}>
            <Ago at={at} />
          </span>
        </span>
        <span className={classes.who}>{who}</span>
        <code className={classes.preview}>{payloadPreview(payload, 100) || '(nothing)'}</code>
      </button>
    </li>
  );
}

import classes from './Brand.module.css';

/** The product's sign and name. */
export function Brand() {
  return (
    <span className={classes.brand}>
      <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="#0b7069" />
        <g fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round">
          <path d="M8 8.5c8.5 0 15.5 7 15.5 15.5" />
          <path d="M8 15c5 0 9 4 9 9" />
        </g>
        <circle cx="9.8" cy="22.2" r="2.4" fill="#fff" />
      </svg>
      <span className={classes.name}>
        NetNeural <span className={classes.mqtt}>MQTT</span>
      </span>
    </span>
  );
}

export function Quarantine() { return <p>Quarantine</p>; }

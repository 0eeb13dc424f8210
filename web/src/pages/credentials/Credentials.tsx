export function Credentials() { return <p>Credentials</p>; }

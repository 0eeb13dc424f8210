export function Connect() { return <p>Connect</p>; }

export function Device() { return <p>Device</p>; }

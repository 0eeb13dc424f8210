export function DeviceType() {
  return null;
}
export function NewDeviceType() {
  return null;
}

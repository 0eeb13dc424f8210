export function DeviceTypes() {
  return null;
}

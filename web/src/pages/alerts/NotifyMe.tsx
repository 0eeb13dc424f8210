import { Button, Tooltip } from '@mantine/core';
import { useBrowserNotifications } from '../../alerts/browser-notifications.ts';
import { IconBell, IconBellRinging } from '../../components/icons.ts';

/** Has this browser tell of alerts that open, while the dashboard is open in one of its tabs. Asked for, never by itself. */
export function NotifyMe() {
  const { state, turnOn, turnOff } = useBrowserNotifications();
  if (state === 'impossible') return null;
  if (state === 'refused') {
    return (
      <Tooltip
        label="Your browser does not let this page notify you. Allow it in the browser’s settings for this site."
        multiline
        maw={260}
      >
        <Button variant="default" leftSection={<IconBell size={16} />} data-disabled aria-disabled>
          Notify me here
        </Button>
      </Tooltip>
    );
  }
  return state === 'on' ? (
    <Tooltip label="This browser tells you of alerts that open while the dashboard is open in a tab">
      <Button variant="light" leftSection={<IconBellRinging size={16} />} aria-pressed onClick={turnOff}>
        Notifying you here
      </Button>
    </Tooltip>
  ) : (
    <Button
      variant="default"
      leftSection={<IconBell size={16} />}
      aria-pressed={false}
      onClick={() => void turnOn()}
    >
      Notify me here
    </Button>
  );
}

import { Menu, UnstyledButton } from '@mantine/core';
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { answer, api } from '../api/client.ts';
import { meQuery } from '../api/queries.ts';
import { IconCheck, IconChevronDown, IconLogout, IconPlus } from '../components/icons.ts';
import { tellProblem } from '../components/toasts.ts';
import { paths } from '../paths.ts';
import { useOrganization } from '../session/session.ts';
import classes from './AccountMenu.module.css';

/** Which organization one looks at, as whom; the others, and the way out. */
export function AccountMenu() {
  const organization = useOrganization();
  const { data: me } = useSuspenseQuery(meQuery);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const signOut = async () => {
    try {
      await answer(api.POST('/api/auth/sign-out'));
    } catch (error) {
      tellProblem('You are still signed in', error);
      return;
    }
    await navigate({ to: paths.signIn });
    queries.clear();
  };
  return (
    <Menu position="top-start" width={236} shadow="md">
      <Menu.Target>
        <UnstyledButton
          className={classes.target}
          aria-label={`Account and organization: ${organization.name}`}
        >
          <span className={classes.initial} aria-hidden>
            {organization.name.slice(0, 1).toUpperCase()}
          </span>
          <span className={classes.names}>
            <span className={classes.name}>{organization.name}</span>
            <span className={classes.role}>{me.user?.name ?? organization.role}</span>
          </span>
          <IconChevronDown size={16} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Organizations</Menu.Label>
        {me.organizations.map(({ id, name, role }) => (
          <Menu.Item
            key={id}
            onClick={() => void navigate({ to: paths.overview, params: { org: id } })}
            rightSection={id === organization.id ? <IconCheck size={16} aria-label="current" /> : null}
          >
            <span className={classes.itemName}>{name}</span>
            <span className={classes.itemRole}>{role}</span>
          </Menu.Item>
        ))}
        <Menu.Item leftSection={<IconPlus size={16} />} onClick={() => void navigate({ to: paths.welcome })}>
          Create organization
        </Menu.Item>
        <Menu.Divider />
        {me.user && <Menu.Label className={classes.email}>{me.user.email}</Menu.Label>}
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

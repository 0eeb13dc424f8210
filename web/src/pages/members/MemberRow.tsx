import { Button, Select } from '@mantine/core';
import type { Role } from '../../../../src/contract/common.ts';
import type { Member } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import type { Question } from '../../components/Confirm.tsx';
import classes from '../../components/Rows.module.css';
import { Row } from '../../components/Rows.tsx';
import { useOrganization } from '../../session/session.ts';
import { grantableBy, roleWords } from './role-choices.ts';
import { useMembership } from './use-membership.ts';

interface Props {
  member: Member;
  /** The viewer themselves. */
  own: boolean;
  onQuestion: (question: Question) => void;
}

/** A member, with what the viewer may change of them: admins manage all but owners, owners everybody. */
export function MemberRow({ member, own, onQuestion }: Props) {
  const organization = useOrganization();
  const { changeRole, remove, leave } = useMembership(member);
  const manages = organization.role === 'owner' || (organization.role === 'admin' && member.role !== 'owner');
  const name = member.name || member.email || 'Somebody without an account';

  const choose = (role: Role) => {
    if (role === member.role) return;
    if (!own && role !== 'owner') return void changeRole(role);
    onQuestion({
      title: own ? `Become ${role} yourself?` : `Make ${name} an owner?`,
      text: own
        ? `As ${role}, one ${roleWords[role].may}. You can’t take this back; only someone with more rights can.`
        : `An owner ${roleWords.owner.may}. They can remove you as well.`,
      verb: own ? 'Change my role' : 'Make owner',
      act: () => changeRole(role, { throws: true }),
    });
  };
  const askToRemove = () =>
    onQuestion({
      title: `Remove ${name}?`,
      text: `${name} sees nothing of ${organization.name} from now on. Credentials and API keys that they made go on working.`,
      verb: 'Remove member',
      danger: true,
      act: remove,
    });
  const askToLeave = () =>
    onQuestion({
      title: `Leave ${organization.name}?`,
      text: 'You see nothing of it from now on, unless somebody invites you again.',
      verb: 'Leave organization',
      danger: true,
      act: leave,
    });

  return (
    <Row
      title={
        <>
          {name}
          {own && <span className={classes.aside}> (you)</span>}
        </>
      }
      detail={
        <>
          <span>{member.email}</span>
          <span>
            joined <Ago at={member.created_at} />
          </span>
        </>
      }
      actions={
        <>
          {manages ? (
            <Select
              size="xs"
              w={112}
              aria-label={`Role of ${name}`}
              data={grantableBy(organization.role).map((role) => ({
                value: role,
                label: roleWords[role].name,
              }))}
              value={member.role}
              allowDeselect={false}
              onChange={(role) => role && choose(role)}
            />
          ) : (
            <span className={classes.state}>{roleWords[member.role].name}</span>
          )}
          {own ? (
            <Button size="xs" variant="default" miw={82} onClick={askToLeave}>
              Leave
            </Button>
          ) : (
            manages && (
              <Button
                size="xs"
                variant="default"
                miw={82}
                aria-label={`Remove ${name}`}
                onClick={askToRemove}
              >
                Remove
              </Button>
            )
          )}
        </>
      }
    />
  );
}

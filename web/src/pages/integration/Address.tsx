import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Integration } from '../../api/types.ts';
import { CopyField, CopyFields } from '../../components/CopyField.tsx';
import { IconRotate } from '../../components/icons.ts';
import { Panel } from '../../components/Page.tsx';
import { usePermission } from '../../session/session.ts';
import look from './Integration.module.css';
import { RotateToken } from './RotateToken.tsx';
import { Tokens } from './Tokens.tsx';

/** Where messages are posted, and with which tokens; those are for admins. */
export function Address({ integration }: { integration: Integration }) {
  const mayManage = usePermission('admin').allowed;
  const [rotating, setRotating] = useState(false);
  const { webhook_url: url, webhook } = integration;
  return (
    <Panel
      title={mayManage ? 'Address and tokens' : 'Address'}
      flush
      actions={
        mayManage && (
          <Button
            variant="default"
            size="xs"
            leftSection={<IconRotate size={15} />}
            onClick={() => setRotating(true)}
          >
            New token…
          </Button>
        )
      }
    >
      <div className={look.inset}>
        <CopyFields>
          {url && (
            <CopyField
              label="Address"
              value={url}
              note={webhook?.require_signature ? 'Takes signed requests only' : undefined}
            />
          )}
        </CopyFields>
      </div>
      {mayManage && <Tokens integrationId={integration.id} />}
      <RotateToken integration={integration} opened={rotating} onClose={() => setRotating(false)} />
    </Panel>
  );
}

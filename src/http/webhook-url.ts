/** Where an integration is posted to. */
export function webhookUrl(publicUrl: string, integrationId: string): string {
  return `${publicUrl}/functions/v1/mqtt-listener/${integrationId}`;
}

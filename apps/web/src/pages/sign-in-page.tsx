import { Alert, Button, Center, Image, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { command, queryClient } from '../api.js';
import logo from '../paraphe.svg';
import { problemText } from '../parts/problems.js';

export default function SignInPage() {
  const { t } = useTranslation();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => command('session', {}, { email, password }),
    onSuccess: () => queryClient.invalidateQueries(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <Center mih="100vh" p="md">
      <Paper withBorder p="xl" w={400} maw="100%" shadow="sm" component="main">
        <form onSubmit={submit}>
          <Stack>
            <Stack gap={6} align="center" mb="xs">
              <Image src={logo} w={52} h={52} alt="" />
              <Title order={1} size="h2">
                {t('product.name')}
              </Title>
              <Text size="sm" c="dimmed" ta="center">
                {t('product.tagline')}
              </Text>
            </Stack>
            {signIn.isError && <Alert color="red">{problemText(signIn.error)}</Alert>}
            <TextInput
              label={t('signIn.email')}
              type="email"
              autoComplete="username"
              required
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <PasswordInput
              label={t('signIn.password')}
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            <Button type="submit" loading={signIn.isPending} fullWidth mt="xs">
              {t('signIn.submit')}
            </Button>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}

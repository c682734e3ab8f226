import { type FormEvent, useState } from 'react';
import { useProjectRead, useProjectWrite } from '../../api/queries.ts';
import { Button } from '../../components/button.tsx';
import { Actions, Dialog } from '../../components/dialog.tsx';
import { Select } from '../../components/field.tsx';
import { FormProblem } from '../../components/form-problem.tsx';
import { Skeleton } from '../../components/skeleton.tsx';

interface AddWalletDialogProps {
  readonly customerId: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

export const AddWalletDialog = ({ isOpen, onClose, customerId }: AddWalletDialogProps) => (
  <Dialog
    isOpen={isOpen}
    onClose={onClose}
    title="Add wallet"
    note="An address that holds one asset on one chain. Its keys are kept by the signer."
  >
    <WalletForm customerId={customerId} onClose={onClose} />
  </Dialog>
);

function WalletForm({ customerId, onClose }: Omit<AddWalletDialogProps, 'isOpen'>) {
  const { data } = useProjectRead('GET /networks', {});
  const create = useProjectWrite('POST /customers/:customerId/wallets', {
    done: 'The wallet was added.',
    showsProblem: true,
    onDone: onClose,
  });
  const options = (data?.data ?? [])
    .filter(({ capabilities }) => capabilities.includes('wallet'))
    .flatMap(({ id: chain, name, assets }) =>
      assets
        .filter(({ enabled }) => enabled)
        .map(({ asset }) => ({ value: `${asset} ${chain}`, label: `${asset.toUpperCase()} on ${name}` })),
    );
  const [chosen, setChosen] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const [asset = '', chain = ''] = (chosen || options[0]?.value || '').split(' ');
    if (!create.isPending) create.mutate({ params: { customerId }, body: { asset, chain } });
  };
  if (!data) return <Skeleton lines={2} />;
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Select
        label="Asset and chain"
        options={options}
        value={chosen || (options[0]?.value ?? '')}
        onValue={setChosen}
      />
      <FormProblem error={create.error} />
      <Actions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={create.isPending}>
          Add wallet
        </Button>
      </Actions>
    </form>
  );
}

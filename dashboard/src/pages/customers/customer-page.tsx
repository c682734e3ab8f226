import { PageHeader } from '../../components/page-header.tsx';

export const Page = () => <PageHeader title="Customer" />;

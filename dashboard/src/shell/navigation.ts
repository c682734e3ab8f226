import {
  Activity,
  BookOpen,
  Boxes,
  Clock,
  Coins,
  Fingerprint,
  House,
  KeyRound,
  Landmark,
  Layers,
  ListTree,
  type LucideIcon,
  Scale,
  ScrollText,
  Settings,
  SquareArrowRight,
  Store,
  TriangleAlert,
  Users,
  UsersRound,
  Wallet,
  Webhook,
} from 'lucide-react';
import { paths } from '../paths.ts';

export interface Destination {
  readonly label: string;
  readonly icon: LucideIcon;
  /** After `g`. */
  readonly key?: string;
  /** Undefined while no project is chosen and the page is of one. */
  readonly pathIn: (projectId: string) => string;
}

export interface DestinationGroup {
  readonly label: string;
  readonly isOfSandbox?: boolean;
  /** Not of a project. */
  readonly isOfOrganization?: boolean;
  readonly pages: readonly Destination[];
}

const page = (
  label: string,
  icon: LucideIcon,
  pathIn: (projectId: string) => string,
  key?: string,
): Destination => ({ label, icon, pathIn, ...(key !== undefined && { key }) });

/** Every page that one goes to by itself; the sidebar, the palette and the shortcuts are made of it. */
export const NAVIGATION: readonly DestinationGroup[] = [
  {
    label: 'Payments',
    pages: [
      page('Home', House, paths.home, 'h'),
      page('Transactions', SquareArrowRight, paths.transactions, 't'),
      page('Cash-ins', Coins, paths.cashIns, 'i'),
      page('Customers', Users, paths.customers, 'c'),
      page('Wallets', Wallet, paths.wallets, 'w'),
    ],
  },
  {
    label: 'Books',
    pages: [
      page('Ledger', BookOpen, paths.ledger, 'l'),
      page('Reconciliation', Scale, paths.reconciliation, 'r'),
    ],
  },
  {
    label: 'Developers',
    pages: [
      page('API keys', KeyRound, paths.apiKeys, 'k'),
      page('Webhooks', Webhook, paths.webhooks, 'b'),
      page('Events', Activity, paths.events, 'e'),
      page('Requests', ListTree, paths.requests, 'q'),
    ],
  },
  {
    label: 'Sandbox',
    isOfSandbox: true,
    pages: [
      page('Till', Store, paths.till, 'x'),
      page('Identity', Fingerprint, paths.identity, 'd'),
      page('Bank', Landmark, paths.bank, 'n'),
      page('Chain', Boxes, paths.chain, 'y'),
      page('Clock', Clock, paths.clock, 'o'),
      page('Trouble', TriangleAlert, paths.trouble, 'u'),
      page('Snapshots', Layers, paths.snapshots, 'p'),
    ],
  },
  {
    label: 'Project',
    pages: [page('Settings', Settings, paths.settings, 's'), page('Audit log', ScrollText, paths.audit, 'a')],
  },
  {
    label: 'Organization',
    isOfOrganization: true,
    pages: [
      page('Members', UsersRound, paths.members, 'm'),
      page('Organization audit', ScrollText, paths.organizationAudit, 'z'),
    ],
  },
];

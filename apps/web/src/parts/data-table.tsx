import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

/** A table with its headings, which may be wider than its place. */
export const DataTable = ({
  heads,
  minWidth = 640,
  children,
}: {
  heads: string[];
  minWidth?: number;
  children: ReactNode;
}) => (
  <Table.ScrollContainer minWidth={minWidth}>
    <Table>
      <Table.Thead>
        <Table.Tr>
          {heads.map((head) => (
            <Table.Th key={head}>{head}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>{children}</Table.Tbody>
    </Table>
  </Table.ScrollContainer>
);

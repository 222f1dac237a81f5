"""What chat does: one plain async function per verb. They know no transport, and commit nothing themselves."""

/** The sign of the house: three bars, each shorter than the one above. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect class="ground" width="32" height="32" rx="8" />
      <rect class="bar" x="6" y="7" width="20" height="4" rx="2" opacity=".45" />
      <rect class="bar" x="9" y="14" width="14" height="4" rx="2" opacity=".7" />
      <rect class="bar" x="13" y="21" width="6" height="4" rx="2" />
    </svg>
  );
}

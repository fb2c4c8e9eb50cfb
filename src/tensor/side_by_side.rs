//! The elements of a few rows, one of each at a time, as the tiles of products read them.

/// So many rows.
pub(super) struct Rows<const M: usize>;

/// The elements of rows side by side. Iterators find the way through so many slices without asking for their ends.
pub(super) trait SideBySide<const M: usize> {
    fn side_by_side<T: Copy>(rows: [&[T]; M]) -> impl Iterator<Item = [T; M]>;
}

impl SideBySide<1> for Rows<1> {
    #[inline(always)]
    fn side_by_side<T: Copy>([a]: [&[T]; 1]) -> impl Iterator<Item = [T; 1]> {
        a.iter().map(|a| [*a])
    }
}

impl SideBySide<2> for Rows<2> {
    #[inline(always)]
    fn side_by_side<T: Copy>([a, b]: [&[T]; 2]) -> impl Iterator<Item = [T; 2]> {
        a.iter().zip(b).map(|(a, b)| [*a, *b])
    }
}

impl SideBySide<4> for Rows<4> {
    #[inline(always)]
    fn side_by_side<T: Copy>([a, b, c, d]: [&[T]; 4]) -> impl Iterator<Item = [T; 4]> {
        let pairs = Rows::side_by_side([a, b]).zip(Rows::side_by_side([c, d]));
        pairs.map(|([a, b], [c, d])| [a, b, c, d])
    }
}

impl SideBySide<5> for Rows<5> {
    #[inline(always)]
    fn side_by_side<T: Copy>([a, b, c, d, e]: [&[T]; 5]) -> impl Iterator<Item = [T; 5]> {
        Rows::side_by_side([a, b, c, d]).zip(e).map(|([a, b, c, d], e)| [a, b, c, d, *e])
    }
}

impl SideBySide<6> for Rows<6> {
    #[inline(always)]
    fn side_by_side<T: Copy>([a, b, c, d, e, f]: [&[T]; 6]) -> impl Iterator<Item = [T; 6]> {
        let parts = Rows::side_by_side([a, b, c, d]).zip(Rows::side_by_side([e, f]));
        parts.map(|([a, b, c, d], [e, f])| [a, b, c, d, e, f])
    }
}

impl SideBySide<12> for Rows<12> {
    #[inline(always)]
    fn side_by_side<T: Copy>(rows: [&[T]; 12]) -> impl Iterator<Item = [T; 12]> {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = rows;
        let halves = Rows::side_by_side([a, b, c, d, e, f]).zip(Rows::side_by_side([g, h, i, j, k, l]));
        halves.map(|([a, b, c, d, e, f], [g, h, i, j, k, l])| [a, b, c, d, e, f, g, h, i, j, k, l])
    }
}

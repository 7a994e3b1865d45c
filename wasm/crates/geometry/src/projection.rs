//! Mercator, transverse and upright: maps are often surveyed on its plane, in whole millimetres or so, and turned into degrees later.
//! The way back is by the series of Krüger, "Konforme Abbildung des Erdellipsoids in der Ebene" (1912), to the sixth
//! order in the third flattening, as in Karney, "Transverse Mercator with an accuracy of a few nanometers" (2011).

use crate::trigonometry::{arc_tangent, sin_cos, sinh_cosh};

/// Half axis in metres and the inverse of the flattening.
pub const ELLIPSOIDS: [(f64, f64); 6] = [
    (6378137.0, 298.257222101),
    (6378137.0, 298.257223563),
    (6377397.155, 299.1528128),
    (6378388.0, 297.0),
    (6378245.0, 298.3),
    (6377563.396, 299.3249646),
];
pub const SCALES: [f64; 3] = [0.9996, 1.0, 0.9999];
/// Steps of the plane's lattice in metres.
pub const UNITS: [f64; 6] = [10.0, 1.0, 0.1, 0.01, 0.001, 0.0001];
/// Parts of a step in which the lattice's phase is stated.
pub const PHASES: f64 = 1048576.0;
const ORDER: usize = 6;
/// Radius of the sphere of web maps, in metres.
const SPHERE: f64 = 6378137.0;
const DEGREE: f64 = 180.0 / std::f64::consts::PI;

/// A plane, and how the globe was laid on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surface {
    pub ellipsoid: u8,
    pub scale: u8,
    /// Central meridian in half degrees east of -180.
    pub meridian: u16,
}

impl Surface {
    /// That of maps on the web (EPSG:3857): Mercator on a sphere, with no other scale or meridian.
    pub const MERCATOR: Surface = Surface { ellipsoid: ELLIPSOIDS.len() as u8, scale: 1, meridian: 360 };

    fn is_sound(&self) -> bool {
        let transverse = (self.ellipsoid as usize) < ELLIPSOIDS.len() && (self.scale as usize) < SCALES.len();
        *self == Surface::MERCATOR || (transverse && self.meridian <= 720)
    }

    fn central(&self) -> f64 {
        self.meridian as f64 / 2.0 - 180.0
    }

    /// Metres east and north, from the central meridian and the equator.
    pub fn metres(&self, degrees: [f64; 2]) -> [f64; 2] {
        match *self == Surface::MERCATOR {
            true => [degrees[0] / DEGREE * SPHERE, (degrees[1] / DEGREE).sin().atanh() * SPHERE],
            false => plane(self.ellipsoid, SCALES[self.scale as usize], self.central(), degrees),
        }
    }
}

/// What a payload says of a projection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    pub surface: Surface,
    pub unit: u8,
    /// Where the lattice's origin lies, east and north, in 1/1048576 of a step.
    pub phases: [u32; 2],
}

impl Choice {
    pub fn is_sound(&self) -> bool {
        self.surface.is_sound()
            && (self.unit as usize) < UNITS.len()
            && self.phases.iter().all(|&phase| (phase as f64) < PHASES)
    }
}

/// From the lattice to degrees.
pub struct Projection {
    choice: Choice,
    /// Steps in a unit of the sphere that the plane is rolled onto.
    radius: f64,
    inverse: [f64; ORDER],
    latitude: [f64; ORDER],
}

impl Projection {
    pub fn new(choice: Choice) -> Self {
        let unit = UNITS[choice.unit as usize];
        if choice.surface == Surface::MERCATOR {
            return Projection { choice, radius: SPHERE / unit, inverse: [0.0; ORDER], latitude: [0.0; ORDER] };
        }
        let (axis, flattening) = ELLIPSOIDS[choice.surface.ellipsoid as usize];
        let n = third(flattening);
        let radius = rectifying(axis, n) * SCALES[choice.surface.scale as usize] / unit;
        let inverse = polynomials(n, &[
            &[1.0 / 2.0, -2.0 / 3.0, 37.0 / 96.0, -1.0 / 360.0, -81.0 / 512.0, 96199.0 / 604800.0],
            &[1.0 / 48.0, 1.0 / 15.0, -437.0 / 1440.0, 46.0 / 105.0, -1118711.0 / 3870720.0],
            &[17.0 / 480.0, -37.0 / 840.0, -209.0 / 4480.0, 5569.0 / 90720.0],
            &[4397.0 / 161280.0, -11.0 / 504.0, -830251.0 / 7257600.0],
            &[4583.0 / 161280.0, -108847.0 / 3991680.0],
            &[20648693.0 / 638668800.0],
        ]);
        let latitude = polynomials(n, &[
            &[2.0, -2.0 / 3.0, -2.0, 116.0 / 45.0, 26.0 / 45.0, -2854.0 / 675.0],
            &[7.0 / 3.0, -8.0 / 5.0, -227.0 / 45.0, 2704.0 / 315.0, 2323.0 / 945.0],
            &[56.0 / 15.0, -136.0 / 35.0, -1262.0 / 105.0, 73814.0 / 2835.0],
            &[4279.0 / 630.0, -332.0 / 35.0, -399572.0 / 14175.0],
            &[4174.0 / 315.0, -144838.0 / 6237.0],
            &[601676.0 / 22275.0],
        ]);
        Projection { choice, radius, inverse, latitude }
    }

    /// Degrees east and north of a place on the lattice.
    pub fn degrees(&self, grid: [i64; 2]) -> [f64; 2] {
        let [east, north] = [0, 1].map(|axis| {
            (grid[axis] as f64 + self.choice.phases[axis] as f64 / PHASES) / self.radius
        });
        if self.choice.surface == Surface::MERCATOR {
            let (sine, _) = sinh_cosh(north);
            return [east * DEGREE, arc_tangent(sine, 1.0) * DEGREE];
        }
        let (sine, cosine) = sin_cos(north);
        let (hyperbolic_sine, hyperbolic_cosine) = sinh_cosh(2.0 * east);
        let (double_sine, double_cosine) = (2.0 * sine * cosine, (cosine - sine) * (cosine + sine));
        // Sine and cosine of the complex number 2 (north + i east).
        let unit = (double_sine * hyperbolic_cosine, double_cosine * hyperbolic_sine);
        let turn = (2.0 * double_cosine * hyperbolic_cosine, -2.0 * double_sine * hyperbolic_sine);
        let (mut last, mut this, mut sum) = ((0.0, 0.0), unit, (0.0, 0.0));
        for factor in self.inverse {
            sum = (sum.0 + factor * this.0, sum.1 + factor * this.1);
            let next = (turn.0 * this.0 - turn.1 * this.1 - last.0, turn.0 * this.1 + turn.1 * this.0 - last.1);
            (last, this) = (this, next);
        }
        let (sine, cosine) = sin_cos(north - sum.0);
        let (hyperbolic_sine, _) = sinh_cosh(east - sum.1);
        let across = (hyperbolic_sine * hyperbolic_sine + cosine * cosine).sqrt();
        let conformal = arc_tangent(sine, across);
        let squares = sine * sine + across * across;
        let (double_sine, double_cosine) =
            (2.0 * sine * across / squares, (across - sine) * (across + sine) / squares);
        let (mut last, mut this, mut more) = (0.0, double_sine, 0.0);
        for factor in self.latitude {
            more += factor * this;
            (last, this) = (this, 2.0 * double_cosine * this - last);
        }
        [arc_tangent(hyperbolic_sine, cosine) * DEGREE + self.choice.surface.central(), (conformal + more) * DEGREE]
    }

    /// The nearest place on the lattice. An encoder alone asks, so the library's functions will do.
    pub fn grid(&self, degrees: [f64; 2]) -> [i64; 2] {
        let Choice { surface, unit, phases } = self.choice;
        let plane = surface.metres(degrees);
        [0, 1].map(|axis| {
            let steps = plane[axis] / UNITS[unit as usize] - phases[axis] as f64 / PHASES;
            (steps.round() as i64).clamp(-(1 << 50), 1 << 50)
        })
    }
}

fn plane(ellipsoid: u8, scale: f64, central: f64, degrees: [f64; 2]) -> [f64; 2] {
    let (axis, flattening) = ELLIPSOIDS[ellipsoid as usize];
    let n = third(flattening);
    let forward = polynomials(n, &[
        &[1.0 / 2.0, -2.0 / 3.0, 5.0 / 16.0, 41.0 / 180.0, -127.0 / 288.0, 7891.0 / 37800.0],
        &[13.0 / 48.0, -3.0 / 5.0, 557.0 / 1440.0, 281.0 / 630.0, -1983433.0 / 1935360.0],
        &[61.0 / 240.0, -103.0 / 140.0, 15061.0 / 26880.0, 167603.0 / 181440.0],
        &[49561.0 / 161280.0, -179.0 / 168.0, 6601661.0 / 7257600.0],
        &[34729.0 / 80640.0, -3418889.0 / 1995840.0],
        &[212378941.0 / 319334400.0],
    ]);
    let flat = 1.0 / flattening;
    let eccentricity = (flat * (2.0 - flat)).sqrt();
    let sine = (degrees[1] / DEGREE).sin();
    let tangent = (sine.atanh() - eccentricity * (eccentricity * sine).atanh()).sinh();
    let (east, north) = ((degrees[0] - central) / DEGREE).sin_cos();
    let (xi, eta) = (tangent.atan2(north), (east / (1.0 + tangent * tangent).sqrt()).atanh());
    let (mut x, mut y) = (eta, xi);
    for (factor, j) in forward.iter().zip(1..) {
        let times = 2.0 * j as f64;
        x += factor * (times * xi).cos() * (times * eta).sinh();
        y += factor * (times * xi).sin() * (times * eta).cosh();
    }
    let radius = rectifying(axis, n) * scale;
    [x * radius, y * radius]
}

fn third(flattening: f64) -> f64 {
    1.0 / (2.0 * flattening - 1.0)
}

/// The radius of the sphere with meridians as long as the ellipsoid's.
fn rectifying(axis: f64, n: f64) -> f64 {
    let square = n * n;
    axis / (1.0 + n) * (1.0 + square / 4.0 * (1.0 + square / 16.0 * (1.0 + square / 4.0)))
}

/// Row `j` has the factors of the powers of `n` from `j` on.
fn polynomials(n: f64, rows: &[&[f64]; ORDER]) -> [f64; ORDER] {
    let mut power = 1.0;
    rows.map(|row| {
        power *= n;
        power * row.iter().rev().fold(0.0, |sum, factor| sum * n + factor)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_the_way_forth() {
        let regions = [(0, [13.7, 52.45]), (1, [126.97, 37.57]), (2, [-1.2, -33.0]), (3, [15.0, 0.0])];
        let transverse = regions.map(|(ellipsoid, degrees)| {
            let meridian = ((degrees[0] + 180.0f64) / 3.0).floor() as u16 * 6;
            (Surface { ellipsoid, scale: 0, meridian }, degrees)
        });
        for (surface, degrees) in transverse.into_iter().chain([(Surface::MERCATOR, [-77.0, 84.9])]) {
            let projection = Projection::new(Choice { surface, unit: 5, phases: [0, 1 << 19] });
            let grid = projection.grid(degrees);
            let back = projection.degrees(grid);
            for axis in 0..2 {
                assert!((back[axis] - degrees[axis]).abs() < 1e-9, "{degrees:?} {back:?}");
            }
            assert_eq!(projection.grid(back), grid);
        }
    }
}
